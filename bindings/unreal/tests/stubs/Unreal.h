// Stand-ins for what the plugin uses of Unreal Engine 5: enough to compile it without the engine and to run it. Names
// and signatures are the engine's; what they do is as simple as the test permits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using int32 = std::int32_t;
using int64 = std::int64_t;
using uint8 = std::uint8_t;
using uint64 = std::uint64_t;
using TCHAR = char16_t;

// Macros of the engine that a third party's header could stumble over.
#define TEXT(x) u##x
#define check(expr) ((void)(expr))
#define verify(expr) ((void)(expr))
#define ensure(expr) (!!(expr))
#define PI (3.1415926535897932f)
#define FORCEINLINE inline
#define MAX_int32 ((int32)0x7fffffff)
#define THIRD_PARTY_INCLUDES_START
#define THIRD_PARTY_INCLUDES_END
#ifndef PLATFORM_WINDOWS
#define PLATFORM_WINDOWS 0
#endif

// What the engine's header tool reads; the rules that it checks are in check.py.
#define UCLASS(...)
#define USTRUCT(...)
#define UENUM(...)
#define UMETA(...)
#define UPROPERTY(...)
#define UFUNCTION(...)
#define GENERATED_BODY()

/* ---- texts, containers ---- */

class FString
{
public:
	FString() = default;
	FString(const TCHAR* Text) : It(Text) {}
	const TCHAR* operator*() const { return It.c_str(); }
	int32 Len() const { return static_cast<int32>(It.size()); }
	bool IsEmpty() const { return It.empty(); }
	void AppendChars(const TCHAR* Text, int32 Count) { It.append(Text, static_cast<size_t>(Count)); }
	bool operator==(const FString& Other) const { return It == Other.It; }
	bool operator!=(const FString& Other) const { return It != Other.It; }
	FString operator+(const FString& Other) const { FString Sum(*this); Sum.It += Other.It; return Sum; }
	bool Contains(const FString& Other) const { return It.find(Other.It) != std::u16string::npos; }
	bool StartsWith(const FString& Other) const { return It.rfind(Other.It, 0) == 0; }
	static FString FromInt(int32 Number)
	{
		const std::string Digits = std::to_string(Number);
		FString Result;
		Result.It.assign(Digits.begin(), Digits.end());
		return Result;
	}

private:
	std::u16string It;
};

class FName
{
public:
	FName() = default;
	explicit FName(const TCHAR*) {}
};

/** UTF-16 to UTF-8; what is no pair of surrogates becomes '?'. */
class FTCHARToUTF8
{
public:
	FTCHARToUTF8(const TCHAR* Text, int32 Count)
	{
		for (int32 I = 0; I < Count; I++)
		{
			uint32_t Unit = Text[I];
			if (Unit >= 0xd800 && Unit < 0xe000)
			{
				const bool bPair = Unit < 0xdc00 && I + 1 < Count && (Text[I + 1] & 0xfc00) == 0xdc00;
				Unit = bPair ? 0x10000 + ((Unit - 0xd800) << 10) + (Text[++I] - 0xdc00u) : '?';
			}
			const int Tail = Unit < 0x80 ? 0 : Unit < 0x800 ? 1 : Unit < 0x10000 ? 2 : 3;
			const uint32_t Head[] = {0, 0xc0, 0xe0, 0xf0};
			It += static_cast<char>(Head[Tail] | Unit >> (6 * Tail));
			for (int Next = Tail - 1; Next >= 0; Next--)
			{
				It += static_cast<char>(0x80 | (Unit >> (6 * Next) & 63));
			}
		}
	}
	const char* Get() const { return It.c_str(); }
	int32 Length() const { return static_cast<int32>(It.size()); }

private:
	std::string It;
};

class FUTF8ToTCHAR
{
public:
	FUTF8ToTCHAR(const char* Text, int32 Count)
	{
		for (int32 I = 0; I < Count;)
		{
			const uint32_t First = static_cast<unsigned char>(Text[I++]);
			const int Tail = First < 0xc0 ? 0 : First < 0xe0 ? 1 : First < 0xf0 ? 2 : 3;
			uint32_t Unit = Tail == 0 ? First : First & (0x3fu >> Tail);
			for (int Next = 0; Next < Tail && I < Count; Next++)
			{
				Unit = Unit << 6 | (static_cast<unsigned char>(Text[I++]) & 63);
			}
			if (Unit >= 0x10000)
			{
				It += static_cast<TCHAR>(0xd800 + ((Unit - 0x10000) >> 10));
				Unit = 0xdc00 + ((Unit - 0x10000) & 0x3ff);
			}
			It += static_cast<TCHAR>(Unit);
		}
	}
	const TCHAR* Get() const { return It.c_str(); }
	int32 Length() const { return static_cast<int32>(It.size()); }

private:
	std::u16string It;
};

template <class T>
class TArray
{
public:
	TArray() = default;
	TArray(std::initializer_list<T> Values) : It(Values) {}
	void Reserve(int32 Count) { It.reserve(static_cast<size_t>(Count)); }
	int32 Add(T Value) { It.push_back(std::move(Value)); return Num() - 1; }
	int32 Num() const { return static_cast<int32>(It.size()); }
	const T& operator[](int32 I) const { return It.at(static_cast<size_t>(I)); }
	const T& Last() const { return It.back(); }
	auto begin() const { return It.begin(); }
	auto end() const { return It.end(); }

private:
	std::vector<T> It;
};

class FDateTime
{
public:
	FDateTime() = default;
	explicit FDateTime(int64 InTicks) : Ticks(InTicks) {}
	static FDateTime FromUnixTimestamp(int64 Seconds) { return FDateTime((Seconds + Epoch) * 10000000); }
	int64 ToUnixTimestamp() const { return Ticks / 10000000 - Epoch; }
	int64 GetTicks() const { return Ticks; }

private:
	static constexpr int64 Epoch = 62135596800;
	int64 Ticks = 0;
};

struct FMath
{
	template <class T>
	static T Min(T A, T B) { return A < B ? A : B; }
};

template <class T>
std::remove_reference_t<T>&& MoveTemp(T&& Value) { return static_cast<std::remove_reference_t<T>&&>(Value); }

template <class F>
using TFunction = std::function<F>;

/** Owns what may be incomplete where it is declared. */
template <class T>
class TPimplPtr
{
public:
	TPimplPtr() = default;
	TPimplPtr(TPimplPtr&&) = default;
	TPimplPtr& operator=(TPimplPtr&&) = default;
	T* operator->() const { return It.get(); }
	T& operator*() const { return *It; }
	T* Get() const { return It.get(); }
	bool IsValid() const { return It != nullptr; }
	void Reset() { It.reset(); }

private:
	template <class U, class... A>
	friend TPimplPtr<U> MakePimpl(A&&... Arguments);
	std::shared_ptr<T> It;
};

template <class T, class... A>
TPimplPtr<T> MakePimpl(A&&... Arguments)
{
	TPimplPtr<T> Made;
	Made.It = std::make_shared<T>(std::forward<A>(Arguments)...);
	return Made;
}

/* ---- the log ---- */

struct FLogCategory
{
	std::u16string Lines;
	void Put(const TCHAR* Rest) { Lines += Rest; Lines += u'\n'; }
	template <class T, class... A>
	void Put(const TCHAR* Format, T First, A... Others)
	{
		while (*Format && *Format != u'%') Lines += *Format++;
		if constexpr (std::is_integral_v<T>) Lines += *FString::FromInt(static_cast<int32>(First));
		else Lines += First;
		Put(*Format ? Format + 2 : Format, Others...);
	}
};
inline FLogCategory LogTemp;
#define DECLARE_LOG_CATEGORY_EXTERN(Name, Default, All) extern FLogCategory Name
#define DEFINE_LOG_CATEGORY(Name) FLogCategory Name
enum class EStubVerbosity { Error, Warning, Display, Log, Verbose };
#define UE_LOG(Name, Verbosity, ...) ((void)EStubVerbosity::Verbosity, Name.Put(__VA_ARGS__))

/* ---- objects ---- */

class UWorld;

class UObject
{
public:
	virtual ~UObject() = default;
	virtual UWorld* GetWorld() const { return nullptr; }
	std::shared_ptr<int> Alive = std::make_shared<int>(0);
};

template <class T>
class TWeakObjectPtr
{
public:
	TWeakObjectPtr() = default;
	explicit TWeakObjectPtr(T* Object) : It(Object), Alive(Object ? Object->Alive : nullptr) {}
	T* Get() const { return Alive.expired() ? nullptr : It; }
	bool IsValid() const { return Get() != nullptr; }

private:
	T* It = nullptr;
	std::weak_ptr<int> Alive;
};

/** All that NewObject made and nobody has collected. */
inline std::vector<UObject*>& StubObjects()
{
	static std::vector<UObject*> Objects;
	return Objects;
}

template <class T>
T* NewObject()
{
	T* Object = new T();
	StubObjects().push_back(Object);
	return Object;
}

template <class T>
T* GetMutableDefault()
{
	static T Default;
	return &Default;
}
template <class T>
const T* GetDefault() { return GetMutableDefault<T>(); }

class FSubsystemCollectionBase
{
};

class USubsystem : public UObject
{
public:
	virtual void Initialize(FSubsystemCollectionBase&) {}
	virtual void Deinitialize() {}
};

class UGameInstance : public UObject
{
public:
	template <class T>
	T* GetSubsystem() const { return static_cast<T*>(Subsystem); }
	bool IsDedicatedServerInstance() const { return bDedicated; }
	USubsystem* Subsystem = nullptr;
	std::vector<UObject*> Referenced;
	bool bDedicated = false;
};

class UGameInstanceSubsystem : public USubsystem
{
public:
	using Super = UGameInstanceSubsystem;
	UGameInstance* GetGameInstance() const { return StubGame; }
	UGameInstance* StubGame = nullptr;
};

class UWorld : public UObject
{
public:
	UWorld* GetWorld() const override { return const_cast<UWorld*>(this); }
	UGameInstance* GetGameInstance() const { return Game; }
	UGameInstance* Game = nullptr;
};

enum class EGetWorldErrorMode { ReturnNull, LogAndReturnNull, Assert };

class UEngine
{
public:
	UWorld* GetWorldFromContextObject(const UObject* Object, EGetWorldErrorMode) const { return Object ? Object->GetWorld() : nullptr; }
};
inline UEngine* GEngine = nullptr;

class UDeveloperSettings : public UObject
{
public:
	virtual FName GetCategoryName() const { return FName(); }
};

class UBlueprintAsyncActionBase : public UObject
{
public:
	virtual void Activate() {}
	void RegisterWithGameInstance(const UObject* Context)
	{
		UWorld* World = Context ? Context->GetWorld() : nullptr;
		Game = TWeakObjectPtr<UGameInstance>(World ? World->GetGameInstance() : nullptr);
		if (UGameInstance* It = Game.Get()) It->Referenced.push_back(this);
	}
	void SetReadyToDestroy()
	{
		if (UGameInstance* It = Game.Get()) It->Referenced.erase(std::remove(It->Referenced.begin(), It->Referenced.end(), this), It->Referenced.end());
	}

private:
	TWeakObjectPtr<UGameInstance> Game;
};

/* ---- delegates ---- */

class FDelegateHandle
{
public:
	int Id = 0;
};

template <class... A>
class TStubMulticast
{
public:
	template <class O>
	FDelegateHandle AddUObject(O* Object, void (O::*Function)(A...))
	{
		TWeakObjectPtr<O> Weak(Object);
		static int Next = 0;
		It[++Next] = [Weak, Function](A... Arguments) {
			if (O* There = Weak.Get()) (There->*Function)(Arguments...);
		};
		return FDelegateHandle{Next};
	}
	template <class O>
	void AddDynamic(O* Object, void (O::*Function)(A...)) { AddUObject(Object, Function); }
	bool Remove(FDelegateHandle Handle) { return It.erase(Handle.Id) > 0; }
	bool IsBound() const { return !It.empty(); }
	void Broadcast(A... Arguments) const
	{
		const auto All = It;
		for (const auto& [Id, Function] : All) Function(Arguments...);
	}

private:
	std::map<int, std::function<void(A...)>> It;
};
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE(Name) class Name : public TStubMulticast<> {}
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(Name, Type1, Param1) class Name : public TStubMulticast<Type1> {}
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(Name, Type1, Param1, Type2, Param2) class Name : public TStubMulticast<Type1, Type2> {}

struct FCoreDelegates
{
	static inline TStubMulticast<> ApplicationWillEnterBackgroundDelegate;
	static inline TStubMulticast<> ApplicationHasEnteredForegroundDelegate;
};

class FTickerDelegate
{
public:
	template <class O>
	static FTickerDelegate CreateUObject(O* Object, bool (O::*Function)(float))
	{
		FTickerDelegate Made;
		TWeakObjectPtr<O> Weak(Object);
		Made.It = [Weak, Function](float Seconds) { O* There = Weak.Get(); return There && (There->*Function)(Seconds); };
		return Made;
	}
	std::function<bool(float)> It;
};

class FTSTicker
{
public:
	/** Of an element of the ticker; FTSTicker has its own type for it. */
	class FDelegateHandle
	{
	public:
		void Reset() { Id = 0; }
		int Id = 0;
	};
	static FTSTicker& GetCoreTicker()
	{
		static FTSTicker Ticker;
		return Ticker;
	}
	FDelegateHandle AddTicker(const FTickerDelegate& Delegate, float = 0.0f)
	{
		It[++Next] = Delegate.It;
		FDelegateHandle Handle;
		Handle.Id = Next;
		return Handle;
	}
	static void RemoveTicker(FDelegateHandle Handle) { GetCoreTicker().It.erase(Handle.Id); }
	void Tick(float Seconds)
	{
		const auto All = It;
		for (const auto& [Id, Function] : All)
			if (It.count(Id) && !Function(Seconds)) It.erase(Id);
	}
	size_t Count() const { return It.size(); }

private:
	std::map<int, std::function<bool(float)>> It;
	int Next = 0;
};

/* ---- paths, modules ---- */

struct FPaths
{
	static FString Combine(const FString& A, const FString& B) { return A + TEXT("/") + B; }
	static FString ProjectSavedDir()
	{
		const FUTF8ToTCHAR Folder(std::getenv("TIM_DIR"), static_cast<int32>(std::string(std::getenv("TIM_DIR")).size()));
		return FString(Folder.Get());
	}
	static FString ProjectDir() { return TEXT("/project"); }
	static FString ConvertRelativePathToFull(const FString& Path) { return Path; }
	static FString ConvertRelativePathToFull(const FString& Base, const FString& Path) { return Path.StartsWith(TEXT("/")) ? Path : Combine(Base, Path); }
};

struct FPlatformProcess
{
	static void* GetDllHandle(const TCHAR*) { return nullptr; }
	static void FreeDllHandle(void*) {}
};

class IPlugin
{
public:
	FString GetBaseDir() const { return TEXT("/plugin"); }
};

class IPluginManager
{
public:
	static IPluginManager& Get()
	{
		static IPluginManager Manager;
		return Manager;
	}
	std::shared_ptr<IPlugin> FindPlugin(const FString&) { return std::make_shared<IPlugin>(); }
};

class IModuleInterface
{
public:
	virtual ~IModuleInterface() = default;
	virtual void StartupModule() {}
	virtual void ShutdownModule() {}
};
#define IMPLEMENT_MODULE(Class, Name) IModuleInterface* StubModule_##Name() { return new Class(); }
