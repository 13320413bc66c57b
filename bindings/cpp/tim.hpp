/* libtim for C++17: this header and libtim, nothing else.
 *
 *     tim::Client client(app_id, config);
 *     client.on_recv_new_msg([](const std::vector<tim::Message> &messages) { ... });
 *     client.login("alice", ticket).get();                      // wait; throws tim::Error
 *     client.send_text("bob", "hello").then([](tim::Result<tim::Message> sent) { ... });
 *     tim::Message sent = co_await client.send_text("bob", "hello");      // with C++20
 *
 * Each function of tim.h that has a callback is a method of Client, by its name without "tim_"; it
 * returns a Call, which can be waited for, given a function, or awaited. Each function that sets a
 * listener is one with on_ before its name. JSON objects are structs of the namespace, which have the
 * keys without the prefix that they share. What each does, its limits and its codes: tim.h.
 *
 * Listeners, functions given to then() and awaiting coroutines run where callbacks of C run: on a
 * thread of libtim, or, with callback_mode "poll", inside Client::poll(). An exception that leaves
 * them ends there: on_exception() tells what happens with it. Without exceptions (-fno-exceptions)
 * there are Call::wait() and Client::error().
 *
 * docs/cpp.md is the longer text. Needs no RTTI. */
#ifndef TIM_HPP
#define TIM_HPP

#include <atomic>
#include <chrono>
#include <clocale>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#if defined(__cpp_impl_coroutine) && __has_include(<coroutine>)
#include <coroutine>
#define TIM_HPP_COROUTINES 1
#endif

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define TIM_HPP_EXCEPTIONS 1
#endif

#include "tim.h"

namespace tim {

/** A call that was refused (codes -1 to -6) or that failed (any other code). */
class Error : public std::runtime_error {
public:
    explicit Error(int32_t code, const std::string &desc = "")
        : std::runtime_error(std::to_string(code) + " " + tim_error_name(code) +
                             (desc.empty() ? "" : ": " + desc)),
          code_(code),
          desc_(desc) {}

    /** One of the constants TIM_ERR_…. */
    int32_t code() const noexcept { return code_; }
    /** The constant's name. */
    const char *name() const noexcept { return tim_error_name(code_); }
    /** What the callback said; empty for a call that was refused. what() has all three. */
    const std::string &desc() const noexcept { return desc_; }

private:
    int32_t code_;
    std::string desc_;
};

/** Any JSON, as text. Empty: none. */
struct Json {
    Json() = default;
    Json(std::string json) : text(std::move(json)) {}
    std::string text;
};

/** An object that may be missing, on the heap; a value, so that a copy has one of its own. */
template <class T>
class Box {
public:
    Box() = default;
    Box(T value) : it_(new T(std::move(value))) {}
    Box(const Box &other) : it_(other.it_ ? new T(*other.it_) : nullptr) {}
    Box(Box &&) noexcept = default;
    Box &operator=(const Box &other) { return *this = Box(other); }
    Box &operator=(Box &&) noexcept = default;

    explicit operator bool() const noexcept { return it_ != nullptr; }
    T &operator*() const { return *it_; }
    T *operator->() const { return it_.get(); }
    /** Makes an empty one if there is none. */
    T &make() {
        if (!it_) it_.reset(new T());
        return *it_;
    }

private:
    std::unique_ptr<T> it_;
};

namespace detail {
/** What strtod and printf take for the point of a number: that of the process's locale. */
inline char point() { return *std::localeconv()->decimal_point; }
}  // namespace detail

/** Reading and writing of JSON, as far as libtim needs it. */
namespace json {

/** Keys are told apart by it: FNV-1a of 64 bits. */
constexpr uint64_t hash(std::string_view text) {
    uint64_t sum = 14695981039346656037u;
    for (char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return sum;
}

/** Reads a text from front to back. What is missing or null leaves its target as it was; after an
 * error nothing more is read. */
class Reader {
public:
    explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    /** Whether all so far was JSON of the expected types. */
    bool ok() const { return ok_; }
    /** The same, and nothing but blanks is left. */
    bool is_over() {
        blanks();
        return ok_ && at_ == end_;
    }

    void read(bool &to) {
        if (take("true")) to = true;
        else if (take("false")) to = false;
        else null();
    }
    void read(int32_t &to) { number(to); }
    void read(uint32_t &to) { number(to); }
    void read(int64_t &to) { number(to); }
    void read(uint64_t &to) { number(to); }
    void read(double &to) {
        std::string_view digits = digits_();
        if (!digits.empty() && digits != "null") to = real(digits);
    }
    void read(std::string &to) {
        if (!take("\"")) return null();
        to.clear();
        while (ok_) {
            const char *from = at_;
            while (at_ != end_ && *at_ != '"' && *at_ != '\\') at_++;
            to.append(from, at_);
            if (at_ == end_) return fail();
            if (*at_++ == '"') return;
            escape(to);
        }
    }
    void read(Json &to) {
        blanks();
        const char *from = at_;
        skip();
        if (ok_) to.text.assign(from, at_);
    }
    template <class T>
    void read(std::vector<T> &to) {
        if (!take("[")) return null();
        to.clear();
        if (take("]")) return;
        do {
            to.emplace_back();
            read(to.back());
        } while (ok_ && take(","));
        if (!take("]")) fail();
    }
    template <class T>
    void read(std::optional<T> &to) {
        if (take("null")) return;
        read(to.emplace());
    }
    template <class T>
    void read(Box<T> &to) {
        if (take("null")) return;
        read(to.make());
    }
    /** An object: one of the structs of this header. */
    template <class T>
    void read(T &to) {
        object([&](uint64_t key) { read_field(*this, key, to); });
    }
    /** Calls field with the hash of each key; it has to read or skip the value. */
    template <class F>
    void object(F &&field) {
        if (!take("{")) return null();
        if (take("}")) return;
        if (++depth_ > 128) return fail();
        do {
            uint64_t key = this->key();
            if (!take(":")) return fail();
            field(key);
        } while (ok_ && take(","));
        depth_--;
        if (!take("}")) fail();
    }
    /** Passes over a value. */
    void skip() {
        blanks();
        if (at_ == end_) return fail();
        if (*at_ == '{') return object([this](uint64_t) { skip(); });
        if (*at_ == '"') {
            std::string text;
            return read(text);
        }
        if (take("[")) {
            if (take("]")) return;
            if (++depth_ > 128) return fail();
            do skip();
            while (ok_ && take(","));
            depth_--;
            if (!take("]")) fail();
            return;
        }
        if (!take("true") && !take("false") && !take("null")) digits_();
    }

private:
    void fail() {
        ok_ = false;
        at_ = end_;
    }
    void null() {
        if (!take("null")) fail();
    }
    void blanks() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) at_++;
    }
    bool take(std::string_view word) {
        blanks();
        if (static_cast<size_t>(end_ - at_) < word.size()) return false;
        if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
        at_ += word.size();
        return true;
    }
    uint64_t key() {
        blanks();
        const char *from = at_;
        if (at_ != end_ && *at_ == '"') {
            for (at_++; at_ != end_ && *at_ != '"' && *at_ != '\\'; at_++) {
            }
            if (at_ != end_ && *at_ == '"') return hash({from + 1, static_cast<size_t>(at_++ - from) - 1});
        }
        // One with escapes.
        at_ = from;
        std::string text;
        read(text);
        return hash(text);
    }
    std::string_view digits_() {
        blanks();
        const char *from = at_;
        while (at_ != end_ && (std::strchr("+-.eE", *at_) != nullptr || (*at_ >= '0' && *at_ <= '9')) && *at_) at_++;
        if (from == at_) null();
        return {from, static_cast<size_t>(ok_ ? at_ - from : 0)};
    }
    template <class T>
    void number(T &to) {
        std::string_view digits = digits_();
        if (digits.empty() || digits == "null") return;
        bool is_negative = digits[0] == '-';
        if (digits.size() == (is_negative ? 1u : 0u)) return fail();
        uint64_t sum = 0, most = (std::numeric_limits<uint64_t>::max)();
        for (char c : digits.substr(is_negative)) {
            if (c < '0' || c > '9') return fraction(digits, to);
            uint64_t digit = static_cast<uint64_t>(c - '0');
            sum = sum > (most - digit) / 10 ? most : sum * 10 + digit;
        }
        // What does not fit becomes the largest or smallest that does.
        uint64_t above = static_cast<uint64_t>((std::numeric_limits<T>::max)());
        uint64_t below = std::is_signed<T>::value ? above + 1 : 0;
        if (is_negative) to = sum >= below ? (std::numeric_limits<T>::min)() : static_cast<T>(0 - sum);
        else to = sum > above ? (std::numeric_limits<T>::max)() : static_cast<T>(sum);
    }
    double real(std::string_view digits) {
        std::string text(digits);
        for (char &c : text)
            if (c == '.') c = detail::point();
        char *end = nullptr;
        double value = std::strtod(text.c_str(), &end);
        if (end != text.c_str() + text.size()) fail();
        return value;
    }
    template <class T>
    void fraction(std::string_view digits, T &to) {
        double value = real(digits);
        if (!ok_) return;
        if (value >= static_cast<double>((std::numeric_limits<T>::max)())) to = (std::numeric_limits<T>::max)();
        else if (value <= static_cast<double>((std::numeric_limits<T>::min)())) to = (std::numeric_limits<T>::min)();
        else to = static_cast<T>(value);
    }
    /** What follows a backslash. */
    void escape(std::string &to) {
        if (at_ == end_) return fail();
        char c = *at_++;
        switch (c) {
            case 'b': to += '\b'; return;
            case 'f': to += '\f'; return;
            case 'n': to += '\n'; return;
            case 'r': to += '\r'; return;
            case 't': to += '\t'; return;
            case 'u': break;
            default: to += c; return;
        }
        uint32_t unit = hex();
        if (unit >= 0xd800 && unit < 0xdc00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
            at_ += 2;
            uint32_t low = hex();
            if (low < 0xdc00 || low > 0xdfff) return fail();
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
        if (unit >= 0xd800 && unit < 0xe000) return fail();
        auto put = [&](uint32_t byte) { to += static_cast<char>(byte); };
        if (unit < 0x80) return put(unit);
        if (unit < 0x800) return put(0xc0 | unit >> 6), put(0x80 | (unit & 63));
        if (unit < 0x10000) put(0xe0 | unit >> 12);
        else put(0xf0 | unit >> 18), put(0x80 | (unit >> 12 & 63));
        put(0x80 | (unit >> 6 & 63)), put(0x80 | (unit & 63));
    }
    uint32_t hex() {
        uint32_t unit = 0;
        for (int i = 0; i < 4; i++) {
            if (at_ == end_) return fail(), 0;
            char c = *at_++;
            uint32_t digit = c >= '0' && c <= '9'   ? static_cast<uint32_t>(c - '0')
                             : c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a' + 10)
                             : c >= 'A' && c <= 'F' ? static_cast<uint32_t>(c - 'A' + 10)
                                                    : 16;
            if (digit == 16) return fail(), 0;
            unit = unit << 4 | digit;
        }
        return unit;
    }

    const char *at_, *end_;
    bool ok_ = true;
    int depth_ = 0;
};

/** Makes a text. Text has to be UTF-8; libtim refuses what is not. */
class Writer {
public:
    std::string take() { return std::move(out_); }

    void write(bool value) { out_ += value ? "true" : "false"; }
    void write(int32_t value) { out_ += std::to_string(value); }
    void write(uint32_t value) { out_ += std::to_string(value); }
    void write(int64_t value) { out_ += std::to_string(value); }
    void write(uint64_t value) { out_ += std::to_string(value); }
    void write(double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.17g", value);
        for (char *c = text; *c; c++)
            if (*c == detail::point()) *c = '.';
        out_ += text;
    }
    void write(const std::string &value) {
        out_ += '"';
        for (char c : value) {
            if (c == '"' || c == '\\') {
                out_ += '\\';
                out_ += c;
            } else if (static_cast<unsigned char>(c) < 0x20) {
                char text[8];
                std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
                out_ += text;
            } else {
                out_ += c;
            }
        }
        out_ += '"';
    }
    void write(const Json &value) { out_ += value.text.empty() ? "null" : value.text; }
    template <class T>
    void write(const std::vector<T> &values) {
        char before = '[';
        for (const T &value : values) {
            out_ += before;
            write(value);
            before = ',';
        }
        out_ += before == '[' ? "[]" : "]";
    }
    template <class T>
    void write(const std::optional<T> &value) {
        write(*value);
    }
    template <class T>
    void write(const Box<T> &value) {
        write(*value);
    }
    /** One of the structs of this header. */
    template <class T>
    void write(const T &value) {
        out_ += '{';
        write_fields(*this, value);
        out_ += '}';
    }

    /** A key of an object, unless its value is empty or 0, or there is none. */
    template <class T>
    void field(const char *key, const T &value) {
        if (!is_empty(value)) always(key, value);
    }
    template <class T>
    void always(const char *key, const T &value) {
        if (out_.back() != '{') out_ += ',';
        out_ += '"';
        out_ += key;
        out_ += "\":";
        write(value);
    }

private:
    template <class T>
    static bool is_empty(const T &value) {
        return value == T();
    }
    static bool is_empty(const std::string &value) { return value.empty(); }
    static bool is_empty(const Json &value) { return value.text.empty(); }
    template <class T>
    static bool is_empty(const std::vector<T> &value) {
        return value.empty();
    }
    template <class T>
    static bool is_empty(const std::optional<T> &value) {
        return !value;
    }
    template <class T>
    static bool is_empty(const Box<T> &value) {
        return !value;
    }

    std::string out_;
};

}  // namespace json

/* ---- the JSON objects ----
 *
 * Those that libtim tells have plain members; 0 and empty stand for what is missing, and are left out
 * when such an object is given to libtim. Members of those that are given to libtim are optional. */

// <objects>
struct SdkConfig;
struct GroupGetInfoOption;
struct GroupMemberGetInfoOption;
struct UserConfig;
struct HttpProxyInfo;
struct Socks5ProxyInfo;
struct PACProxyInfo;
struct SetConfig;
struct UserStatus;
struct FriendShipGetProfileListParam;
struct UserProfileCustomStringInfo;
struct UserProfile;
struct UserProfileItem;
struct GroupTipGroupChangeInfo;
struct GroupTipMemberChangeInfo;
struct GroupMemberInfoCustomString;
struct GroupMemberInfo;
struct GroupTipMemberMarkChangeInfo;
struct FriendAddPendency;
struct FriendProfileCustomStringInfo;
struct FriendProfileItem;
struct FriendProfileUpdate;
struct Elem;
struct IOSOfflinePushConfig;
struct AndroidOfflinePushConfig;
struct OfflinePushConfig;
struct Message;
struct MsgGetMsgListParam;
struct MsgBatchSendParam;
struct MsgBatchSendResult;
struct MsgDeleteParam;
struct MsgLocator;
struct GetC2CRecvMsgOptResult;
struct ReceiveMessageOptInfo;
struct MessageSearchParam;
struct MessageSearchResultItem;
struct MessageSearchResult;
struct Draft;
struct GroupAtInfo;
struct ConvInfo;
struct GetConversationListParam;
struct ConversationListFilter;
struct ConversationListResult;
struct GetTotalUnreadNumberResult;
struct ConversationOperationResult;
struct GroupInfoCustomString;
struct CreateGroupParam;
struct CreateGroupResult;
struct GroupSelfInfo;
struct GroupBaseInfo;
struct GroupGetMemberInfoListParam;
struct GroupGetMemberInfoListResult;
struct GroupInviteMemberParam;
struct GroupInviteMemberResult;
struct MessageReceipt;
struct TextElem;
struct CustomElem;
struct FaceElem;
struct LocationElem;
struct ImageElem;
struct SoundElem;
struct VideoElem;
struct FileElem;
struct MergerElem;
struct GroupTipsElem;
struct GroupReportElem;
struct ProfileChangeElem;
struct FriendChangeElem;

struct SdkConfig {
    std::optional<std::string> config_file_path;
    std::optional<std::string> log_file_path;
    std::optional<int64_t> main_thread_id;
    std::optional<int64_t> log_kept_days;
    std::optional<int64_t> log_day_mb;
    std::optional<std::string> callback_mode;
    std::optional<std::string> server_url;
    std::optional<std::string> server_ca_file;
    std::vector<std::string> server_pins;
    std::optional<int64_t> connect_timeout_ms;
    std::optional<int64_t> login_timeout_ms;
    std::optional<int64_t> request_timeout_ms;
};

struct GroupGetInfoOption {
    tim_group_get_info_flag info_flag = 0;
    std::vector<std::string> custom_array;
};

struct GroupMemberGetInfoOption {
    tim_group_member_role_flag role_flag = 0;
    tim_group_member_info_flag info_flag = 0;
    std::vector<std::string> custom_array;
};

struct UserConfig {
    std::optional<bool> is_is_disable_storage;
    std::optional<bool> is_read_receipt;
    std::optional<bool> is_ignore_grouptips_unread;
    std::optional<bool> is_sync_report;
    Box<GroupGetInfoOption> group_getinfo_option;
    Box<GroupMemberGetInfoOption> group_member_getinfo_option;
};

struct HttpProxyInfo {
    std::optional<std::string> ip;
    std::optional<int32_t> port;
    std::optional<std::string> username;
    std::optional<std::string> password;
};

struct Socks5ProxyInfo {
    std::optional<std::string> ip;
    std::optional<int32_t> port;
    std::optional<std::string> username;
    std::optional<std::string> password;
};

struct PACProxyInfo {
    std::optional<std::string> username;
    std::optional<std::string> password;
};

struct SetConfig {
    std::optional<tim_log_level> log_level;
    std::optional<tim_log_level> callback_log_level;
    std::optional<bool> is_log_output_console;
    Box<UserConfig> user_config;
    std::optional<std::string> user_define_data;
    Box<HttpProxyInfo> http_proxy_info;
    Box<Socks5ProxyInfo> socks5_proxy_info;
    Box<PACProxyInfo> pac_proxy_info;
    std::optional<bool> is_only_local_dns_source;
};

struct UserStatus {
    std::string identifier;
    tim_user_status_type status_type = 0;
    std::string custom_status;
    std::vector<std::string> online_devices;
};

struct FriendShipGetProfileListParam {
    std::vector<std::string> identifier_array;
    std::optional<bool> force_update;
};

struct UserProfileCustomStringInfo {
    std::string key;
    std::string value;
};

struct UserProfile {
    std::string identifier;
    std::string nick_name;
    tim_gender_type gender = 0;
    std::string face_url;
    std::string friend_remark;
    std::string self_signature;
    tim_profile_add_permission add_permission = 0;
    std::string location;
    int64_t language = 0;
    int64_t birthday = 0;
    int64_t level = 0;
    int64_t role = 0;
    std::vector<UserProfileCustomStringInfo> custom_string_array;
};

struct UserProfileItem {
    std::optional<std::string> nick_name;
    std::optional<tim_gender_type> gender;
    std::optional<std::string> face_url;
    std::optional<std::string> self_signature;
    std::optional<tim_profile_add_permission> add_permission;
    std::optional<std::string> location;
    std::optional<int64_t> language;
    std::optional<int64_t> birthday;
    std::optional<int64_t> level;
    std::optional<int64_t> role;
    std::vector<UserProfileCustomStringInfo> custom_string_array;
};

struct GroupTipGroupChangeInfo {
    tim_group_tip_group_change_flag flag = 0;
    std::string value;
    std::string key;
    bool bool_value = false;
    int32_t int_value = 0;
    uint64_t uint64_value = 0;
};

struct GroupTipMemberChangeInfo {
    std::string identifier;
    int64_t shutupTime = 0;
};

struct GroupMemberInfoCustomString {
    std::string key;
    std::string value;
};

struct GroupMemberInfo {
    std::string identifier;
    std::string group_id;
    int64_t join_time = 0;
    tim_group_member_role member_role = 0;
    tim_receive_message_opt msg_flag = 0;
    int64_t msg_seq = 0;
    int64_t shutup_time = 0;
    std::string name_card;
    std::string nick_name;
    std::string friend_remark;
    std::string face_url;
    std::vector<GroupMemberInfoCustomString> custom_info;
    std::string is_online;
    std::vector<std::string> online_devices;
};

struct GroupTipMemberMarkChangeInfo {
    bool enableMark = false;
    int64_t markType = 0;
    std::vector<std::string> userIDList;
};

struct FriendAddPendency {
    tim_friend_pendency_type type = 0;
    std::string identifier;
    std::string nick_name;
    std::string face_url;
    uint64_t add_time = 0;
    std::string add_source;
    std::string add_wording;
};

struct FriendProfileCustomStringInfo {
    std::string key;
    std::string value;
};

struct FriendProfileItem {
    std::optional<std::string> remark;
    std::vector<std::string> group_name_array;
    std::vector<FriendProfileCustomStringInfo> custom_string_array;
};

struct FriendProfileUpdate {
    std::string identifier;
    Box<FriendProfileItem> item;
};

struct TextElem {
    std::string content;
};

struct CustomElem {
    std::string data;
    std::string desc;
    std::string ext;
    std::string sound;
};

struct FaceElem {
    int32_t index = 0;
    std::string buf;
};

struct LocationElem {
    std::string desc;
    double longitude = 0;
    double latitude = 0;
};

struct ImageElem {
    std::string orig_path;
    tim_image_level level = 0;
    int32_t format = 0;
    std::string orig_id;
    int32_t orig_pic_height = 0;
    int32_t orig_pic_width = 0;
    int32_t orig_pic_size = 0;
    std::string thumb_id;
    int32_t thumb_pic_height = 0;
    int32_t thumb_pic_width = 0;
    int32_t thumb_pic_size = 0;
    std::string large_id;
    int32_t large_pic_height = 0;
    int32_t large_pic_width = 0;
    int32_t large_pic_size = 0;
    std::string orig_url;
    std::string thumb_url;
    std::string large_url;
    int32_t task_id = 0;
};

struct SoundElem {
    std::string file_path;
    int32_t file_size = 0;
    int32_t file_time = 0;
    std::string file_id;
    int32_t business_id = 0;
    std::string url;
    int32_t task_id = 0;
};

struct VideoElem {
    std::string video_type;
    int64_t video_size = 0;
    int64_t video_duration = 0;
    std::string video_path;
    std::string video_id;
    int32_t business_id = 0;
    std::string video_url;
    std::string image_type;
    int64_t image_size = 0;
    int64_t image_width = 0;
    int64_t image_height = 0;
    std::string image_path;
    std::string image_id;
    std::string image_url;
    int64_t task_id = 0;
};

struct FileElem {
    std::string file_path;
    std::string file_name;
    int32_t file_size = 0;
    std::string file_id;
    int32_t business_id = 0;
    std::string url;
    int32_t task_id = 0;
};

struct MergerElem {
    std::string title;
    std::vector<std::string> abstract_array;
    std::string compatible_text;
    std::vector<Message> message_array;
    bool layer_over_limit = false;
    std::string relay_pb_key;
    std::string relay_json_key;
    std::string relay_buffer;
};

struct GroupTipsElem {
    tim_group_tip_type tip_type = 0;
    tim_group_join_type join_type = 0;
    std::string op_user;
    std::string group_id;
    std::vector<std::string> user_array;
    std::vector<GroupTipGroupChangeInfo> group_change_info_array;
    std::vector<GroupTipMemberChangeInfo> member_change_info_array;
    Box<UserProfile> op_user_info;
    Box<GroupMemberInfo> op_group_memberinfo;
    std::vector<UserProfile> changed_user_info_array;
    std::vector<GroupMemberInfo> changed_group_memberinfo_array;
    int64_t member_num = 0;
    std::string platform;
    std::vector<GroupTipMemberMarkChangeInfo> member_mark_info_array;
    std::vector<Message> pinned_message_list;
    std::string group_name;
    int64_t time = 0;
};

struct GroupReportElem {
    tim_group_report_type report_type = 0;
    std::string group_id;
    std::string group_name;
    std::string op_user;
    std::string msg;
    std::string user_data;
    Box<UserProfile> op_user_info;
    Box<GroupMemberInfo> op_group_memberinfo;
    std::string platform;
    int64_t shut_up_time = 0;
    tim_receive_message_opt group_message_receive_option = 0;
};

struct ProfileChangeElem {
    tim_profile_change_type change_type = 0;
    std::string from_identifier;
    Box<UserProfileItem> user_profile_item;
};

struct FriendChangeElem {
    tim_friend_change_type change_type = 0;
    std::vector<std::string> friend_add_identifier_array;
    std::vector<std::string> friend_del_identifier_array;
    std::vector<FriendAddPendency> friend_add_pendency_array;
    std::vector<std::string> pendency_del_identifier_array;
    uint64_t pendency_readed_report_timestamp = 0;
    std::vector<std::string> blacklist_add_identifier_array;
    std::vector<std::string> blacklist_del_identifier_array;
    std::vector<FriendProfileUpdate> friend_profile_update_item_array;
    std::vector<std::string> friend_group_add_array;
    std::vector<std::string> friend_group_del_array;
    std::vector<std::string> friend_group_update_array;
};

/** One element of a message: one of the structs above, by its type. */
struct Elem {
    tim_elem_type type = TIM_ELEM_INVALID;
    std::variant<std::monostate,
                 TextElem,
                 CustomElem,
                 FaceElem,
                 LocationElem,
                 ImageElem,
                 SoundElem,
                 VideoElem,
                 FileElem,
                 MergerElem,
                 GroupTipsElem,
                 GroupReportElem,
                 ProfileChangeElem,
                 FriendChangeElem> it;

    Elem() = default;
    Elem(TextElem elem);
    Elem(CustomElem elem);
    Elem(FaceElem elem);
    Elem(LocationElem elem);
    Elem(ImageElem elem);
    Elem(SoundElem elem);
    Elem(VideoElem elem);
    Elem(FileElem elem);
    Elem(MergerElem elem);
    Elem(GroupTipsElem elem);
    Elem(GroupReportElem elem);
    Elem(ProfileChangeElem elem);
    Elem(FriendChangeElem elem);
    /** The element if it is a T, otherwise none: `if (auto *text = elem.get<TextElem>())`. */
    template <class T>
    const T *get() const {
        return std::get_if<T>(&it);
    }
    /** The same, made if it is none. */
    template <class T>
    T &make() {
        if (T *there = std::get_if<T>(&it)) return *there;
        return it.emplace<T>();
    }
};

struct IOSOfflinePushConfig {
    std::string title;
    std::string sound;
    bool ignore_badge = false;
    tim_ios_offline_push_type push_type = 0;
    std::string image;
};

struct AndroidOfflinePushConfig {
    std::string title;
    std::string sound;
    tim_android_offline_push_notify_mode notify_mode = 0;
    uint32_t vivo_classification = 0;
    std::string vivo_category;
    std::string oppo_channel_id;
    std::string xiaomi_channel_id;
    std::string fcm_channel_id;
    std::string huawei_category;
    std::string huawei_image;
    std::string honor_image;
    std::string fcm_image;
};

struct OfflinePushConfig {
    std::string desc;
    std::string ext;
    tim_offline_push_flag flag = 0;
    Box<IOSOfflinePushConfig> ios_config;
    Box<AndroidOfflinePushConfig> android_config;
};

struct Message {
    std::vector<Elem> elem_array;
    std::string conv_id;
    tim_conv_type conv_type = 0;
    std::string sender;
    tim_msg_priority priority = 0;
    uint64_t client_time = 0;
    uint64_t server_time = 0;
    bool is_from_self = false;
    tim_platform platform = 0;
    bool is_read = false;
    bool is_online_msg = false;
    bool is_peer_read = false;
    bool receipt_peer_read = false;
    bool need_read_receipt = false;
    bool support_message_extension = false;
    bool is_broadcast_message = false;
    bool has_sent_receipt = false;
    int32_t group_receipt_read_count = 0;
    int32_t group_receipt_unread_count = 0;
    uint64_t version = 0;
    tim_msg_status status = 0;
    uint64_t unique_id = 0;
    std::string msg_id;
    uint64_t rand = 0;
    uint64_t seq = 0;
    uint32_t custom_int = 0;
    std::string custom_str;
    std::string cloud_custom_str;
    bool is_excluded_from_unread_count = false;
    std::vector<std::string> group_at_user_array;
    bool is_forward_message = false;
    Box<UserProfile> sender_profile;
    Box<GroupMemberInfo> sender_group_member_info;
    bool excluded_from_last_message = false;
    bool excluded_from_content_moderation = false;
    std::string custom_moderation_configuration_id;
    bool has_risk_content = false;
    Json risk_type_identified;
    std::vector<std::string> target_group_member_array;
    Box<OfflinePushConfig> offline_push_config;
    std::string revoker_user_id;
    std::string revoker_nick_name;
    std::string revoker_face_url;
    std::string revoke_reason;
    std::string pinner_user_id;
    std::string pinner_nick_name;
    std::string pinner_friend_remark;
    std::string pinner_name_card;
    std::string pinner_face_url;
};

struct MsgGetMsgListParam {
    Box<Message> last_msg;
    std::optional<int64_t> count;
    std::optional<bool> is_ramble;
    std::vector<tim_elem_type> message_type_array;
    std::optional<bool> is_forward;
    std::optional<uint64_t> last_msg_seq;
    std::optional<uint64_t> time_begin;
    std::optional<uint64_t> time_period;
    std::vector<uint64_t> message_seq_array;
};

struct MsgBatchSendParam {
    std::vector<std::string> identifier_array;
    Box<Message> msg;
};

struct MsgBatchSendResult {
    std::string identifier;
    int32_t code = 0;
    std::string desc;
    Box<Message> msg;
};

struct MsgDeleteParam {
    Box<Message> msg;
    std::optional<bool> is_ramble;
};

struct MsgLocator {
    std::string conv_id;
    tim_conv_type conv_type = 0;
    bool is_revoked = false;
    uint64_t time = 0;
    uint64_t seq = 0;
    bool is_self = false;
    uint64_t rand = 0;
    uint64_t unique_id = 0;
    std::string message_revoker_user_id;
    std::string message_revoker_nick_name;
    std::string message_revoker_face_url;
    std::string message_revoke_reason;
};

struct GetC2CRecvMsgOptResult {
    std::string identifier;
    tim_receive_message_opt opt = 0;
};

struct ReceiveMessageOptInfo {
    int64_t opt_start_hour = 0;
    int64_t opt_start_minute = 0;
    int64_t opt_start_second = 0;
    int64_t opt_start_time_stamp = 0;
    int64_t duration = 0;
    tim_receive_message_opt opt_level = 0;
};

struct MessageSearchParam {
    std::vector<std::string> keyword_array;
    std::vector<tim_elem_type> message_type_array;
    std::optional<std::string> conv_id;
    std::optional<tim_conv_type> conv_type;
    std::optional<uint64_t> search_time_position;
    std::optional<uint64_t> search_time_period;
    std::optional<int64_t> page_index;
    std::optional<int64_t> page_size;
    std::optional<tim_keyword_list_match_type> keyword_list_match_type;
    std::vector<std::string> send_identifier_array;
    std::optional<int64_t> search_count;
    std::optional<std::string> search_cursor;
};

struct MessageSearchResultItem {
    std::string conv_id;
    tim_conv_type conv_type = 0;
    int64_t total_message_count = 0;
    std::vector<Message> message_array;
};

struct MessageSearchResult {
    int64_t total_count = 0;
    std::vector<MessageSearchResultItem> item_array;
    std::string search_cursor;
};

struct Draft {
    Box<Message> msg;
    std::string user_define;
    int64_t edit_time = 0;
};

struct GroupAtInfo {
    uint64_t seq = 0;
    tim_group_at_type at_type = 0;
};

struct ConvInfo {
    std::string id;
    tim_conv_type type = 0;
    std::string face_url;
    uint64_t unread_num = 0;
    uint64_t active_time = 0;
    bool is_has_lastmsg = false;
    Box<Message> last_msg;
    bool is_has_draft = false;
    Box<Draft> draft;
    tim_receive_message_opt recv_opt = 0;
    tim_group_type group_type = 0;
    std::vector<GroupAtInfo> group_at_info_array;
    bool is_pinned = false;
    std::string show_name;
    std::vector<tim_conversation_mark_type> mark_array;
    std::string custom_data;
    std::vector<std::string> conversation_group_array;
    uint64_t c2c_read_timestamp = 0;
    uint64_t group_read_sequence = 0;
    std::string owner;
};

struct GetConversationListParam {
    std::optional<std::string> conv_id;
    std::optional<tim_conv_type> conv_type;
};

struct ConversationListFilter {
    std::optional<tim_conv_type> conv_type;
    std::optional<std::string> conversation_group;
    std::optional<tim_conversation_mark_type> mark_type;
    std::optional<bool> has_unread_count;
    std::optional<bool> has_group_at_info;
};

struct ConversationListResult {
    std::vector<ConvInfo> conv_list;
    uint64_t next_seq = 0;
    bool is_finished = false;
};

struct GetTotalUnreadNumberResult {
    int32_t unread_count = 0;
};

struct ConversationOperationResult {
    std::string conversation_id;
    int32_t result_code = 0;
    std::string result_info;
};

struct GroupInfoCustomString {
    std::optional<std::string> key;
    std::optional<std::string> value;
};

struct CreateGroupParam {
    std::optional<std::string> group_name;
    std::optional<std::string> group_id;
    std::optional<tim_group_type> group_type;
    std::optional<bool> is_support_topic;
    std::vector<GroupMemberInfo> group_member_array;
    std::optional<std::string> notification;
    std::optional<std::string> introduction;
    std::optional<std::string> face_url;
    std::optional<tim_group_add_option> add_option;
    std::optional<tim_group_add_option> approve_option;
    std::optional<int64_t> max_member_num;
    std::vector<GroupInfoCustomString> custom_info;
    std::optional<bool> enable_permission_group;
    std::optional<uint64_t> default_permissions;
};

struct CreateGroupResult {
    std::string groupid;
};

struct GroupSelfInfo {
    int64_t join_time = 0;
    int64_t role = 0;
    int64_t unread_num = 0;
    tim_receive_message_opt msg_flag = 0;
};

struct GroupBaseInfo {
    std::string group_id;
    std::string group_name;
    tim_group_type group_type = 0;
    std::string face_url;
    int64_t info_seq = 0;
    int64_t latest_seq = 0;
    int64_t readed_seq = 0;
    int64_t msg_flag = 0;
    bool is_shutup_all = false;
    Box<GroupSelfInfo> self_info;
};

struct GroupGetMemberInfoListParam {
    std::optional<std::string> group_id;
    std::vector<std::string> identifier_array;
    Box<GroupMemberGetInfoOption> option;
    std::optional<uint64_t> next_seq;
};

struct GroupGetMemberInfoListResult {
    uint64_t next_seq = 0;
    std::vector<GroupMemberInfo> info_array;
};

struct GroupInviteMemberParam {
    std::optional<std::string> group_id;
    std::vector<std::string> identifier_array;
    std::optional<std::string> user_data;
};

struct GroupInviteMemberResult {
    std::string identifier;
    tim_handle_group_member_result result = 0;
};

struct MessageReceipt {
    std::string conv_id;
    tim_conv_type conv_type = 0;
    std::string msg_id;
    uint64_t time_stamp = 0;
    bool is_peer_read = false;
    uint64_t read_count = 0;
    uint64_t unread_count = 0;
};

inline void read_field(json::Reader &in, uint64_t key, SdkConfig &to) {
    switch (key) {
        case json::hash("sdk_config_config_file_path"): return in.read(to.config_file_path);
        case json::hash("sdk_config_log_file_path"): return in.read(to.log_file_path);
        case json::hash("sdk_config_main_thread_id"): return in.read(to.main_thread_id);
        case json::hash("sdk_config_log_kept_days"): return in.read(to.log_kept_days);
        case json::hash("sdk_config_log_day_mb"): return in.read(to.log_day_mb);
        case json::hash("sdk_config_callback_mode"): return in.read(to.callback_mode);
        case json::hash("sdk_config_server_url"): return in.read(to.server_url);
        case json::hash("sdk_config_server_ca_file"): return in.read(to.server_ca_file);
        case json::hash("sdk_config_server_pins"): return in.read(to.server_pins);
        case json::hash("sdk_config_connect_timeout_ms"): return in.read(to.connect_timeout_ms);
        case json::hash("sdk_config_login_timeout_ms"): return in.read(to.login_timeout_ms);
        case json::hash("sdk_config_request_timeout_ms"): return in.read(to.request_timeout_ms);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const SdkConfig &from) {
    out.field("sdk_config_config_file_path", from.config_file_path);
    out.field("sdk_config_log_file_path", from.log_file_path);
    out.field("sdk_config_main_thread_id", from.main_thread_id);
    out.field("sdk_config_log_kept_days", from.log_kept_days);
    out.field("sdk_config_log_day_mb", from.log_day_mb);
    out.field("sdk_config_callback_mode", from.callback_mode);
    out.field("sdk_config_server_url", from.server_url);
    out.field("sdk_config_server_ca_file", from.server_ca_file);
    out.field("sdk_config_server_pins", from.server_pins);
    out.field("sdk_config_connect_timeout_ms", from.connect_timeout_ms);
    out.field("sdk_config_login_timeout_ms", from.login_timeout_ms);
    out.field("sdk_config_request_timeout_ms", from.request_timeout_ms);
}

inline void read_field(json::Reader &in, uint64_t key, GroupGetInfoOption &to) {
    switch (key) {
        case json::hash("group_get_info_option_info_flag"): return in.read(to.info_flag);
        case json::hash("group_get_info_option_custom_array"): return in.read(to.custom_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupGetInfoOption &from) {
    out.field("group_get_info_option_info_flag", from.info_flag);
    out.field("group_get_info_option_custom_array", from.custom_array);
}

inline void read_field(json::Reader &in, uint64_t key, GroupMemberGetInfoOption &to) {
    switch (key) {
        case json::hash("group_member_get_info_option_role_flag"): return in.read(to.role_flag);
        case json::hash("group_member_get_info_option_info_flag"): return in.read(to.info_flag);
        case json::hash("group_member_get_info_option_custom_array"): return in.read(to.custom_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupMemberGetInfoOption &from) {
    out.field("group_member_get_info_option_role_flag", from.role_flag);
    out.field("group_member_get_info_option_info_flag", from.info_flag);
    out.field("group_member_get_info_option_custom_array", from.custom_array);
}

inline void read_field(json::Reader &in, uint64_t key, UserConfig &to) {
    switch (key) {
        case json::hash("user_config_is_is_disable_storage"): return in.read(to.is_is_disable_storage);
        case json::hash("user_config_is_read_receipt"): return in.read(to.is_read_receipt);
        case json::hash("user_config_is_ignore_grouptips_unread"): return in.read(to.is_ignore_grouptips_unread);
        case json::hash("user_config_is_sync_report"): return in.read(to.is_sync_report);
        case json::hash("user_config_group_getinfo_option"): return in.read(to.group_getinfo_option);
        case json::hash("user_config_group_member_getinfo_option"): return in.read(to.group_member_getinfo_option);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const UserConfig &from) {
    out.field("user_config_is_is_disable_storage", from.is_is_disable_storage);
    out.field("user_config_is_read_receipt", from.is_read_receipt);
    out.field("user_config_is_ignore_grouptips_unread", from.is_ignore_grouptips_unread);
    out.field("user_config_is_sync_report", from.is_sync_report);
    out.field("user_config_group_getinfo_option", from.group_getinfo_option);
    out.field("user_config_group_member_getinfo_option", from.group_member_getinfo_option);
}

inline void read_field(json::Reader &in, uint64_t key, HttpProxyInfo &to) {
    switch (key) {
        case json::hash("http_proxy_info_ip"): return in.read(to.ip);
        case json::hash("http_proxy_info_port"): return in.read(to.port);
        case json::hash("http_proxy_info_username"): return in.read(to.username);
        case json::hash("http_proxy_info_password"): return in.read(to.password);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const HttpProxyInfo &from) {
    out.field("http_proxy_info_ip", from.ip);
    out.field("http_proxy_info_port", from.port);
    out.field("http_proxy_info_username", from.username);
    out.field("http_proxy_info_password", from.password);
}

inline void read_field(json::Reader &in, uint64_t key, Socks5ProxyInfo &to) {
    switch (key) {
        case json::hash("socks5_proxy_info_ip"): return in.read(to.ip);
        case json::hash("socks5_proxy_info_port"): return in.read(to.port);
        case json::hash("socks5_proxy_info_username"): return in.read(to.username);
        case json::hash("socks5_proxy_info_password"): return in.read(to.password);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const Socks5ProxyInfo &from) {
    out.field("socks5_proxy_info_ip", from.ip);
    out.field("socks5_proxy_info_port", from.port);
    out.field("socks5_proxy_info_username", from.username);
    out.field("socks5_proxy_info_password", from.password);
}

inline void read_field(json::Reader &in, uint64_t key, PACProxyInfo &to) {
    switch (key) {
        case json::hash("pac_proxy_info_username"): return in.read(to.username);
        case json::hash("pac_proxy_info_password"): return in.read(to.password);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const PACProxyInfo &from) {
    out.field("pac_proxy_info_username", from.username);
    out.field("pac_proxy_info_password", from.password);
}

inline void read_field(json::Reader &in, uint64_t key, SetConfig &to) {
    switch (key) {
        case json::hash("set_config_log_level"): return in.read(to.log_level);
        case json::hash("set_config_callback_log_level"): return in.read(to.callback_log_level);
        case json::hash("set_config_is_log_output_console"): return in.read(to.is_log_output_console);
        case json::hash("set_config_user_config"): return in.read(to.user_config);
        case json::hash("set_config_user_define_data"): return in.read(to.user_define_data);
        case json::hash("set_config_http_proxy_info"): return in.read(to.http_proxy_info);
        case json::hash("set_config_socks5_proxy_info"): return in.read(to.socks5_proxy_info);
        case json::hash("set_config_pac_proxy_info"): return in.read(to.pac_proxy_info);
        case json::hash("set_config_is_only_local_dns_source"): return in.read(to.is_only_local_dns_source);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const SetConfig &from) {
    out.field("set_config_log_level", from.log_level);
    out.field("set_config_callback_log_level", from.callback_log_level);
    out.field("set_config_is_log_output_console", from.is_log_output_console);
    out.field("set_config_user_config", from.user_config);
    out.field("set_config_user_define_data", from.user_define_data);
    out.field("set_config_http_proxy_info", from.http_proxy_info);
    out.field("set_config_socks5_proxy_info", from.socks5_proxy_info);
    out.field("set_config_pac_proxy_info", from.pac_proxy_info);
    out.field("set_config_is_only_local_dns_source", from.is_only_local_dns_source);
}

inline void read_field(json::Reader &in, uint64_t key, UserStatus &to) {
    switch (key) {
        case json::hash("user_status_identifier"): return in.read(to.identifier);
        case json::hash("user_status_status_type"): return in.read(to.status_type);
        case json::hash("user_status_custom_status"): return in.read(to.custom_status);
        case json::hash("user_status_online_devices"): return in.read(to.online_devices);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const UserStatus &from) {
    out.field("user_status_identifier", from.identifier);
    out.field("user_status_status_type", from.status_type);
    out.always("user_status_custom_status", from.custom_status);
    out.field("user_status_online_devices", from.online_devices);
}

inline void read_field(json::Reader &in, uint64_t key, FriendShipGetProfileListParam &to) {
    switch (key) {
        case json::hash("friendship_getprofilelist_param_identifier_array"): return in.read(to.identifier_array);
        case json::hash("friendship_getprofilelist_param_force_update"): return in.read(to.force_update);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FriendShipGetProfileListParam &from) {
    out.field("friendship_getprofilelist_param_identifier_array", from.identifier_array);
    out.field("friendship_getprofilelist_param_force_update", from.force_update);
}

inline void read_field(json::Reader &in, uint64_t key, UserProfileCustomStringInfo &to) {
    switch (key) {
        case json::hash("user_profile_custom_string_info_key"): return in.read(to.key);
        case json::hash("user_profile_custom_string_info_value"): return in.read(to.value);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const UserProfileCustomStringInfo &from) {
    out.field("user_profile_custom_string_info_key", from.key);
    out.always("user_profile_custom_string_info_value", from.value);
}

inline void read_field(json::Reader &in, uint64_t key, UserProfile &to) {
    switch (key) {
        case json::hash("user_profile_identifier"): return in.read(to.identifier);
        case json::hash("user_profile_nick_name"): return in.read(to.nick_name);
        case json::hash("user_profile_gender"): return in.read(to.gender);
        case json::hash("user_profile_face_url"): return in.read(to.face_url);
        case json::hash("user_profile_friend_remark"): return in.read(to.friend_remark);
        case json::hash("user_profile_self_signature"): return in.read(to.self_signature);
        case json::hash("user_profile_add_permission"): return in.read(to.add_permission);
        case json::hash("user_profile_location"): return in.read(to.location);
        case json::hash("user_profile_language"): return in.read(to.language);
        case json::hash("user_profile_birthday"): return in.read(to.birthday);
        case json::hash("user_profile_level"): return in.read(to.level);
        case json::hash("user_profile_role"): return in.read(to.role);
        case json::hash("user_profile_custom_string_array"): return in.read(to.custom_string_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const UserProfile &from) {
    out.field("user_profile_identifier", from.identifier);
    out.field("user_profile_nick_name", from.nick_name);
    out.field("user_profile_gender", from.gender);
    out.field("user_profile_face_url", from.face_url);
    out.field("user_profile_friend_remark", from.friend_remark);
    out.field("user_profile_self_signature", from.self_signature);
    out.field("user_profile_add_permission", from.add_permission);
    out.field("user_profile_location", from.location);
    out.field("user_profile_language", from.language);
    out.field("user_profile_birthday", from.birthday);
    out.field("user_profile_level", from.level);
    out.field("user_profile_role", from.role);
    out.field("user_profile_custom_string_array", from.custom_string_array);
}

inline void read_field(json::Reader &in, uint64_t key, UserProfileItem &to) {
    switch (key) {
        case json::hash("user_profile_item_nick_name"): return in.read(to.nick_name);
        case json::hash("user_profile_item_gender"): return in.read(to.gender);
        case json::hash("user_profile_item_face_url"): return in.read(to.face_url);
        case json::hash("user_profile_item_self_signature"): return in.read(to.self_signature);
        case json::hash("user_profile_item_add_permission"): return in.read(to.add_permission);
        case json::hash("user_profile_item_location"): return in.read(to.location);
        case json::hash("user_profile_item_language"): return in.read(to.language);
        case json::hash("user_profile_item_birthday"): return in.read(to.birthday);
        case json::hash("user_profile_item_level"): return in.read(to.level);
        case json::hash("user_profile_item_role"): return in.read(to.role);
        case json::hash("user_profile_item_custom_string_array"): return in.read(to.custom_string_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const UserProfileItem &from) {
    out.field("user_profile_item_nick_name", from.nick_name);
    out.field("user_profile_item_gender", from.gender);
    out.field("user_profile_item_face_url", from.face_url);
    out.field("user_profile_item_self_signature", from.self_signature);
    out.field("user_profile_item_add_permission", from.add_permission);
    out.field("user_profile_item_location", from.location);
    out.field("user_profile_item_language", from.language);
    out.field("user_profile_item_birthday", from.birthday);
    out.field("user_profile_item_level", from.level);
    out.field("user_profile_item_role", from.role);
    out.field("user_profile_item_custom_string_array", from.custom_string_array);
}

inline void read_field(json::Reader &in, uint64_t key, GroupTipGroupChangeInfo &to) {
    switch (key) {
        case json::hash("group_tips_group_change_info_flag"): return in.read(to.flag);
        case json::hash("group_tips_group_change_info_value"): return in.read(to.value);
        case json::hash("group_tips_group_change_info_key"): return in.read(to.key);
        case json::hash("group_tips_group_change_info_bool_value"): return in.read(to.bool_value);
        case json::hash("group_tips_group_change_info_int_value"): return in.read(to.int_value);
        case json::hash("group_tips_group_change_info_uint64_value"): return in.read(to.uint64_value);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupTipGroupChangeInfo &from) {
    out.field("group_tips_group_change_info_flag", from.flag);
    out.field("group_tips_group_change_info_value", from.value);
    out.field("group_tips_group_change_info_key", from.key);
    out.field("group_tips_group_change_info_bool_value", from.bool_value);
    out.field("group_tips_group_change_info_int_value", from.int_value);
    out.field("group_tips_group_change_info_uint64_value", from.uint64_value);
}

inline void read_field(json::Reader &in, uint64_t key, GroupTipMemberChangeInfo &to) {
    switch (key) {
        case json::hash("group_tips_member_change_info_identifier"): return in.read(to.identifier);
        case json::hash("group_tips_member_change_info_shutupTime"): return in.read(to.shutupTime);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupTipMemberChangeInfo &from) {
    out.field("group_tips_member_change_info_identifier", from.identifier);
    out.field("group_tips_member_change_info_shutupTime", from.shutupTime);
}

inline void read_field(json::Reader &in, uint64_t key, GroupMemberInfoCustomString &to) {
    switch (key) {
        case json::hash("group_member_info_custom_string_info_key"): return in.read(to.key);
        case json::hash("group_member_info_custom_string_info_value"): return in.read(to.value);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupMemberInfoCustomString &from) {
    out.field("group_member_info_custom_string_info_key", from.key);
    out.always("group_member_info_custom_string_info_value", from.value);
}

inline void read_field(json::Reader &in, uint64_t key, GroupMemberInfo &to) {
    switch (key) {
        case json::hash("group_member_info_identifier"): return in.read(to.identifier);
        case json::hash("group_member_info_group_id"): return in.read(to.group_id);
        case json::hash("group_member_info_join_time"): return in.read(to.join_time);
        case json::hash("group_member_info_member_role"): return in.read(to.member_role);
        case json::hash("group_member_info_msg_flag"): return in.read(to.msg_flag);
        case json::hash("group_member_info_msg_seq"): return in.read(to.msg_seq);
        case json::hash("group_member_info_shutup_time"): return in.read(to.shutup_time);
        case json::hash("group_member_info_name_card"): return in.read(to.name_card);
        case json::hash("group_member_info_nick_name"): return in.read(to.nick_name);
        case json::hash("group_member_info_friend_remark"): return in.read(to.friend_remark);
        case json::hash("group_member_info_face_url"): return in.read(to.face_url);
        case json::hash("group_member_info_custom_info"): return in.read(to.custom_info);
        case json::hash("group_member_info_is_online"): return in.read(to.is_online);
        case json::hash("group_member_info_online_devices"): return in.read(to.online_devices);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupMemberInfo &from) {
    out.field("group_member_info_identifier", from.identifier);
    out.field("group_member_info_group_id", from.group_id);
    out.field("group_member_info_join_time", from.join_time);
    out.field("group_member_info_member_role", from.member_role);
    out.field("group_member_info_msg_flag", from.msg_flag);
    out.field("group_member_info_msg_seq", from.msg_seq);
    out.field("group_member_info_shutup_time", from.shutup_time);
    out.field("group_member_info_name_card", from.name_card);
    out.field("group_member_info_nick_name", from.nick_name);
    out.field("group_member_info_friend_remark", from.friend_remark);
    out.field("group_member_info_face_url", from.face_url);
    out.field("group_member_info_custom_info", from.custom_info);
    out.field("group_member_info_is_online", from.is_online);
    out.field("group_member_info_online_devices", from.online_devices);
}

inline void read_field(json::Reader &in, uint64_t key, GroupTipMemberMarkChangeInfo &to) {
    switch (key) {
        case json::hash("group_tips_member_mark_change_info_enableMark"): return in.read(to.enableMark);
        case json::hash("group_tips_member_mark_change_info_markType"): return in.read(to.markType);
        case json::hash("group_tips_member_mark_change_info_userIDList"): return in.read(to.userIDList);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupTipMemberMarkChangeInfo &from) {
    out.field("group_tips_member_mark_change_info_enableMark", from.enableMark);
    out.field("group_tips_member_mark_change_info_markType", from.markType);
    out.field("group_tips_member_mark_change_info_userIDList", from.userIDList);
}

inline void read_field(json::Reader &in, uint64_t key, FriendAddPendency &to) {
    switch (key) {
        case json::hash("friend_add_pendency_type"): return in.read(to.type);
        case json::hash("friend_add_pendency_identifier"): return in.read(to.identifier);
        case json::hash("friend_add_pendency_nick_name"): return in.read(to.nick_name);
        case json::hash("friend_add_pendency_face_url"): return in.read(to.face_url);
        case json::hash("friend_add_pendency_add_time"): return in.read(to.add_time);
        case json::hash("friend_add_pendency_add_source"): return in.read(to.add_source);
        case json::hash("friend_add_pendency_add_wording"): return in.read(to.add_wording);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FriendAddPendency &from) {
    out.field("friend_add_pendency_type", from.type);
    out.field("friend_add_pendency_identifier", from.identifier);
    out.field("friend_add_pendency_nick_name", from.nick_name);
    out.field("friend_add_pendency_face_url", from.face_url);
    out.field("friend_add_pendency_add_time", from.add_time);
    out.field("friend_add_pendency_add_source", from.add_source);
    out.field("friend_add_pendency_add_wording", from.add_wording);
}

inline void read_field(json::Reader &in, uint64_t key, FriendProfileCustomStringInfo &to) {
    switch (key) {
        case json::hash("friend_profile_custom_string_info_key"): return in.read(to.key);
        case json::hash("friend_profile_custom_string_info_value"): return in.read(to.value);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FriendProfileCustomStringInfo &from) {
    out.field("friend_profile_custom_string_info_key", from.key);
    out.always("friend_profile_custom_string_info_value", from.value);
}

inline void read_field(json::Reader &in, uint64_t key, FriendProfileItem &to) {
    switch (key) {
        case json::hash("friend_profile_item_remark"): return in.read(to.remark);
        case json::hash("friend_profile_item_group_name_array"): return in.read(to.group_name_array);
        case json::hash("friend_profile_item_custom_string_array"): return in.read(to.custom_string_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FriendProfileItem &from) {
    out.field("friend_profile_item_remark", from.remark);
    out.field("friend_profile_item_group_name_array", from.group_name_array);
    out.field("friend_profile_item_custom_string_array", from.custom_string_array);
}

inline void read_field(json::Reader &in, uint64_t key, FriendProfileUpdate &to) {
    switch (key) {
        case json::hash("friend_profile_update_identifier"): return in.read(to.identifier);
        case json::hash("friend_profile_update_item"): return in.read(to.item);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FriendProfileUpdate &from) {
    out.field("friend_profile_update_identifier", from.identifier);
    out.field("friend_profile_update_item", from.item);
}

inline Elem::Elem(TextElem elem) : type(TIM_ELEM_TEXT), it(std::move(elem)) {}
inline Elem::Elem(CustomElem elem) : type(TIM_ELEM_CUSTOM), it(std::move(elem)) {}
inline Elem::Elem(FaceElem elem) : type(TIM_ELEM_FACE), it(std::move(elem)) {}
inline Elem::Elem(LocationElem elem) : type(TIM_ELEM_LOCATION), it(std::move(elem)) {}
inline Elem::Elem(ImageElem elem) : type(TIM_ELEM_IMAGE), it(std::move(elem)) {}
inline Elem::Elem(SoundElem elem) : type(TIM_ELEM_SOUND), it(std::move(elem)) {}
inline Elem::Elem(VideoElem elem) : type(TIM_ELEM_VIDEO), it(std::move(elem)) {}
inline Elem::Elem(FileElem elem) : type(TIM_ELEM_FILE), it(std::move(elem)) {}
inline Elem::Elem(MergerElem elem) : type(TIM_ELEM_MERGE), it(std::move(elem)) {}
inline Elem::Elem(GroupTipsElem elem) : type(TIM_ELEM_GROUP_TIPS), it(std::move(elem)) {}
inline Elem::Elem(GroupReportElem elem) : type(TIM_ELEM_GROUP_REPORT), it(std::move(elem)) {}
inline Elem::Elem(ProfileChangeElem elem) : type(TIM_ELEM_PROFILE_CHANGE), it(std::move(elem)) {}
inline Elem::Elem(FriendChangeElem elem) : type(TIM_ELEM_FRIEND_CHANGE), it(std::move(elem)) {}

inline void read_field(json::Reader &in, uint64_t key, Elem &to) {
    switch (key) {
        case json::hash("elem_type"): return in.read(to.type);
        case json::hash("text_elem_content"): return in.read(to.make<TextElem>().content);
        case json::hash("custom_elem_data"): return in.read(to.make<CustomElem>().data);
        case json::hash("custom_elem_desc"): return in.read(to.make<CustomElem>().desc);
        case json::hash("custom_elem_ext"): return in.read(to.make<CustomElem>().ext);
        case json::hash("custom_elem_sound"): return in.read(to.make<CustomElem>().sound);
        case json::hash("face_elem_index"): return in.read(to.make<FaceElem>().index);
        case json::hash("face_elem_buf"): return in.read(to.make<FaceElem>().buf);
        case json::hash("location_elem_desc"): return in.read(to.make<LocationElem>().desc);
        case json::hash("location_elem_longitude"): return in.read(to.make<LocationElem>().longitude);
        case json::hash("location_elem_latitude"): return in.read(to.make<LocationElem>().latitude);
        case json::hash("image_elem_orig_path"): return in.read(to.make<ImageElem>().orig_path);
        case json::hash("image_elem_level"): return in.read(to.make<ImageElem>().level);
        case json::hash("image_elem_format"): return in.read(to.make<ImageElem>().format);
        case json::hash("image_elem_orig_id"): return in.read(to.make<ImageElem>().orig_id);
        case json::hash("image_elem_orig_pic_height"): return in.read(to.make<ImageElem>().orig_pic_height);
        case json::hash("image_elem_orig_pic_width"): return in.read(to.make<ImageElem>().orig_pic_width);
        case json::hash("image_elem_orig_pic_size"): return in.read(to.make<ImageElem>().orig_pic_size);
        case json::hash("image_elem_thumb_id"): return in.read(to.make<ImageElem>().thumb_id);
        case json::hash("image_elem_thumb_pic_height"): return in.read(to.make<ImageElem>().thumb_pic_height);
        case json::hash("image_elem_thumb_pic_width"): return in.read(to.make<ImageElem>().thumb_pic_width);
        case json::hash("image_elem_thumb_pic_size"): return in.read(to.make<ImageElem>().thumb_pic_size);
        case json::hash("image_elem_large_id"): return in.read(to.make<ImageElem>().large_id);
        case json::hash("image_elem_large_pic_height"): return in.read(to.make<ImageElem>().large_pic_height);
        case json::hash("image_elem_large_pic_width"): return in.read(to.make<ImageElem>().large_pic_width);
        case json::hash("image_elem_large_pic_size"): return in.read(to.make<ImageElem>().large_pic_size);
        case json::hash("image_elem_orig_url"): return in.read(to.make<ImageElem>().orig_url);
        case json::hash("image_elem_thumb_url"): return in.read(to.make<ImageElem>().thumb_url);
        case json::hash("image_elem_large_url"): return in.read(to.make<ImageElem>().large_url);
        case json::hash("image_elem_task_id"): return in.read(to.make<ImageElem>().task_id);
        case json::hash("sound_elem_file_path"): return in.read(to.make<SoundElem>().file_path);
        case json::hash("sound_elem_file_size"): return in.read(to.make<SoundElem>().file_size);
        case json::hash("sound_elem_file_time"): return in.read(to.make<SoundElem>().file_time);
        case json::hash("sound_elem_file_id"): return in.read(to.make<SoundElem>().file_id);
        case json::hash("sound_elem_business_id"): return in.read(to.make<SoundElem>().business_id);
        case json::hash("sound_elem_url"): return in.read(to.make<SoundElem>().url);
        case json::hash("sound_elem_task_id"): return in.read(to.make<SoundElem>().task_id);
        case json::hash("video_elem_video_type"): return in.read(to.make<VideoElem>().video_type);
        case json::hash("video_elem_video_size"): return in.read(to.make<VideoElem>().video_size);
        case json::hash("video_elem_video_duration"): return in.read(to.make<VideoElem>().video_duration);
        case json::hash("video_elem_video_path"): return in.read(to.make<VideoElem>().video_path);
        case json::hash("video_elem_video_id"): return in.read(to.make<VideoElem>().video_id);
        case json::hash("video_elem_business_id"): return in.read(to.make<VideoElem>().business_id);
        case json::hash("video_elem_video_url"): return in.read(to.make<VideoElem>().video_url);
        case json::hash("video_elem_image_type"): return in.read(to.make<VideoElem>().image_type);
        case json::hash("video_elem_image_size"): return in.read(to.make<VideoElem>().image_size);
        case json::hash("video_elem_image_width"): return in.read(to.make<VideoElem>().image_width);
        case json::hash("video_elem_image_height"): return in.read(to.make<VideoElem>().image_height);
        case json::hash("video_elem_image_path"): return in.read(to.make<VideoElem>().image_path);
        case json::hash("video_elem_image_id"): return in.read(to.make<VideoElem>().image_id);
        case json::hash("video_elem_image_url"): return in.read(to.make<VideoElem>().image_url);
        case json::hash("video_elem_task_id"): return in.read(to.make<VideoElem>().task_id);
        case json::hash("file_elem_file_path"): return in.read(to.make<FileElem>().file_path);
        case json::hash("file_elem_file_name"): return in.read(to.make<FileElem>().file_name);
        case json::hash("file_elem_file_size"): return in.read(to.make<FileElem>().file_size);
        case json::hash("file_elem_file_id"): return in.read(to.make<FileElem>().file_id);
        case json::hash("file_elem_business_id"): return in.read(to.make<FileElem>().business_id);
        case json::hash("file_elem_url"): return in.read(to.make<FileElem>().url);
        case json::hash("file_elem_task_id"): return in.read(to.make<FileElem>().task_id);
        case json::hash("merge_elem_title"): return in.read(to.make<MergerElem>().title);
        case json::hash("merge_elem_abstract_array"): return in.read(to.make<MergerElem>().abstract_array);
        case json::hash("merge_elem_compatible_text"): return in.read(to.make<MergerElem>().compatible_text);
        case json::hash("merge_elem_message_array"): return in.read(to.make<MergerElem>().message_array);
        case json::hash("merge_elem_layer_over_limit"): return in.read(to.make<MergerElem>().layer_over_limit);
        case json::hash("merge_elem_relay_pb_key"): return in.read(to.make<MergerElem>().relay_pb_key);
        case json::hash("merge_elem_relay_json_key"): return in.read(to.make<MergerElem>().relay_json_key);
        case json::hash("merge_elem_relay_buffer"): return in.read(to.make<MergerElem>().relay_buffer);
        case json::hash("group_tips_elem_tip_type"): return in.read(to.make<GroupTipsElem>().tip_type);
        case json::hash("group_tips_elem_join_type"): return in.read(to.make<GroupTipsElem>().join_type);
        case json::hash("group_tips_elem_op_user"): return in.read(to.make<GroupTipsElem>().op_user);
        case json::hash("group_tips_elem_group_id"): return in.read(to.make<GroupTipsElem>().group_id);
        case json::hash("group_tips_elem_user_array"): return in.read(to.make<GroupTipsElem>().user_array);
        case json::hash("group_tips_elem_group_change_info_array"): return in.read(to.make<GroupTipsElem>().group_change_info_array);
        case json::hash("group_tips_elem_member_change_info_array"): return in.read(to.make<GroupTipsElem>().member_change_info_array);
        case json::hash("group_tips_elem_op_user_info"): return in.read(to.make<GroupTipsElem>().op_user_info);
        case json::hash("group_tips_elem_op_group_memberinfo"): return in.read(to.make<GroupTipsElem>().op_group_memberinfo);
        case json::hash("group_tips_elem_changed_user_info_array"): return in.read(to.make<GroupTipsElem>().changed_user_info_array);
        case json::hash("group_tips_elem_changed_group_memberinfo_array"): return in.read(to.make<GroupTipsElem>().changed_group_memberinfo_array);
        case json::hash("group_tips_elem_member_num"): return in.read(to.make<GroupTipsElem>().member_num);
        case json::hash("group_tips_elem_platform"): return in.read(to.make<GroupTipsElem>().platform);
        case json::hash("group_tips_elem_member_mark_info_array"): return in.read(to.make<GroupTipsElem>().member_mark_info_array);
        case json::hash("group_tips_elem_pinned_message_list"): return in.read(to.make<GroupTipsElem>().pinned_message_list);
        case json::hash("group_tips_elem_group_name"): return in.read(to.make<GroupTipsElem>().group_name);
        case json::hash("group_tips_elem_time"): return in.read(to.make<GroupTipsElem>().time);
        case json::hash("group_report_elem_report_type"): return in.read(to.make<GroupReportElem>().report_type);
        case json::hash("group_report_elem_group_id"): return in.read(to.make<GroupReportElem>().group_id);
        case json::hash("group_report_elem_group_name"): return in.read(to.make<GroupReportElem>().group_name);
        case json::hash("group_report_elem_op_user"): return in.read(to.make<GroupReportElem>().op_user);
        case json::hash("group_report_elem_msg"): return in.read(to.make<GroupReportElem>().msg);
        case json::hash("group_report_elem_user_data"): return in.read(to.make<GroupReportElem>().user_data);
        case json::hash("group_report_elem_op_user_info"): return in.read(to.make<GroupReportElem>().op_user_info);
        case json::hash("group_report_elem_op_group_memberinfo"): return in.read(to.make<GroupReportElem>().op_group_memberinfo);
        case json::hash("group_report_elem_platform"): return in.read(to.make<GroupReportElem>().platform);
        case json::hash("group_report_elem_shut_up_time"): return in.read(to.make<GroupReportElem>().shut_up_time);
        case json::hash("group_report_elem_group_message_receive_option"): return in.read(to.make<GroupReportElem>().group_message_receive_option);
        case json::hash("profile_change_elem_change_type"): return in.read(to.make<ProfileChangeElem>().change_type);
        case json::hash("profile_change_elem_from_identifier"): return in.read(to.make<ProfileChangeElem>().from_identifier);
        case json::hash("profile_change_elem_user_profile_item"): return in.read(to.make<ProfileChangeElem>().user_profile_item);
        case json::hash("friend_change_elem_change_type"): return in.read(to.make<FriendChangeElem>().change_type);
        case json::hash("friend_change_elem_friend_add_identifier_array"): return in.read(to.make<FriendChangeElem>().friend_add_identifier_array);
        case json::hash("friend_change_elem_friend_del_identifier_array"): return in.read(to.make<FriendChangeElem>().friend_del_identifier_array);
        case json::hash("friend_change_elem_friend_add_pendency_array"): return in.read(to.make<FriendChangeElem>().friend_add_pendency_array);
        case json::hash("friend_change_elem_pendency_del_identifier_array"): return in.read(to.make<FriendChangeElem>().pendency_del_identifier_array);
        case json::hash("friend_change_elem_pendency_readed_report_timestamp"): return in.read(to.make<FriendChangeElem>().pendency_readed_report_timestamp);
        case json::hash("friend_change_elem_blacklist_add_identifier_array"): return in.read(to.make<FriendChangeElem>().blacklist_add_identifier_array);
        case json::hash("friend_change_elem_blacklist_del_identifier_array"): return in.read(to.make<FriendChangeElem>().blacklist_del_identifier_array);
        case json::hash("friend_change_elem_friend_profile_update_item_array"): return in.read(to.make<FriendChangeElem>().friend_profile_update_item_array);
        case json::hash("friend_change_elem_friend_group_add_array"): return in.read(to.make<FriendChangeElem>().friend_group_add_array);
        case json::hash("friend_change_elem_friend_group_del_array"): return in.read(to.make<FriendChangeElem>().friend_group_del_array);
        case json::hash("friend_change_elem_friend_group_update_array"): return in.read(to.make<FriendChangeElem>().friend_group_update_array);
        default: return in.skip();
    }
}

inline void read_field(json::Reader &in, uint64_t key, TextElem &to) {
    switch (key) {
        case json::hash("text_elem_content"): return in.read(to.content);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const TextElem &from) {
    out.always("text_elem_content", from.content);
}

inline void read_field(json::Reader &in, uint64_t key, CustomElem &to) {
    switch (key) {
        case json::hash("custom_elem_data"): return in.read(to.data);
        case json::hash("custom_elem_desc"): return in.read(to.desc);
        case json::hash("custom_elem_ext"): return in.read(to.ext);
        case json::hash("custom_elem_sound"): return in.read(to.sound);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const CustomElem &from) {
    out.field("custom_elem_data", from.data);
    out.field("custom_elem_desc", from.desc);
    out.field("custom_elem_ext", from.ext);
    out.field("custom_elem_sound", from.sound);
}

inline void read_field(json::Reader &in, uint64_t key, FaceElem &to) {
    switch (key) {
        case json::hash("face_elem_index"): return in.read(to.index);
        case json::hash("face_elem_buf"): return in.read(to.buf);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FaceElem &from) {
    out.always("face_elem_index", from.index);
    out.field("face_elem_buf", from.buf);
}

inline void read_field(json::Reader &in, uint64_t key, LocationElem &to) {
    switch (key) {
        case json::hash("location_elem_desc"): return in.read(to.desc);
        case json::hash("location_elem_longitude"): return in.read(to.longitude);
        case json::hash("location_elem_latitude"): return in.read(to.latitude);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const LocationElem &from) {
    out.field("location_elem_desc", from.desc);
    out.always("location_elem_longitude", from.longitude);
    out.always("location_elem_latitude", from.latitude);
}

inline void read_field(json::Reader &in, uint64_t key, ImageElem &to) {
    switch (key) {
        case json::hash("image_elem_orig_path"): return in.read(to.orig_path);
        case json::hash("image_elem_level"): return in.read(to.level);
        case json::hash("image_elem_format"): return in.read(to.format);
        case json::hash("image_elem_orig_id"): return in.read(to.orig_id);
        case json::hash("image_elem_orig_pic_height"): return in.read(to.orig_pic_height);
        case json::hash("image_elem_orig_pic_width"): return in.read(to.orig_pic_width);
        case json::hash("image_elem_orig_pic_size"): return in.read(to.orig_pic_size);
        case json::hash("image_elem_thumb_id"): return in.read(to.thumb_id);
        case json::hash("image_elem_thumb_pic_height"): return in.read(to.thumb_pic_height);
        case json::hash("image_elem_thumb_pic_width"): return in.read(to.thumb_pic_width);
        case json::hash("image_elem_thumb_pic_size"): return in.read(to.thumb_pic_size);
        case json::hash("image_elem_large_id"): return in.read(to.large_id);
        case json::hash("image_elem_large_pic_height"): return in.read(to.large_pic_height);
        case json::hash("image_elem_large_pic_width"): return in.read(to.large_pic_width);
        case json::hash("image_elem_large_pic_size"): return in.read(to.large_pic_size);
        case json::hash("image_elem_orig_url"): return in.read(to.orig_url);
        case json::hash("image_elem_thumb_url"): return in.read(to.thumb_url);
        case json::hash("image_elem_large_url"): return in.read(to.large_url);
        case json::hash("image_elem_task_id"): return in.read(to.task_id);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const ImageElem &from) {
    out.field("image_elem_orig_path", from.orig_path);
    out.field("image_elem_level", from.level);
    out.field("image_elem_format", from.format);
    out.field("image_elem_orig_id", from.orig_id);
    out.field("image_elem_orig_pic_height", from.orig_pic_height);
    out.field("image_elem_orig_pic_width", from.orig_pic_width);
    out.field("image_elem_orig_pic_size", from.orig_pic_size);
    out.field("image_elem_thumb_id", from.thumb_id);
    out.field("image_elem_thumb_pic_height", from.thumb_pic_height);
    out.field("image_elem_thumb_pic_width", from.thumb_pic_width);
    out.field("image_elem_thumb_pic_size", from.thumb_pic_size);
    out.field("image_elem_large_id", from.large_id);
    out.field("image_elem_large_pic_height", from.large_pic_height);
    out.field("image_elem_large_pic_width", from.large_pic_width);
    out.field("image_elem_large_pic_size", from.large_pic_size);
    out.field("image_elem_orig_url", from.orig_url);
    out.field("image_elem_thumb_url", from.thumb_url);
    out.field("image_elem_large_url", from.large_url);
    out.field("image_elem_task_id", from.task_id);
}

inline void read_field(json::Reader &in, uint64_t key, SoundElem &to) {
    switch (key) {
        case json::hash("sound_elem_file_path"): return in.read(to.file_path);
        case json::hash("sound_elem_file_size"): return in.read(to.file_size);
        case json::hash("sound_elem_file_time"): return in.read(to.file_time);
        case json::hash("sound_elem_file_id"): return in.read(to.file_id);
        case json::hash("sound_elem_business_id"): return in.read(to.business_id);
        case json::hash("sound_elem_url"): return in.read(to.url);
        case json::hash("sound_elem_task_id"): return in.read(to.task_id);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const SoundElem &from) {
    out.field("sound_elem_file_path", from.file_path);
    out.field("sound_elem_file_size", from.file_size);
    out.field("sound_elem_file_time", from.file_time);
    out.field("sound_elem_file_id", from.file_id);
    out.field("sound_elem_business_id", from.business_id);
    out.field("sound_elem_url", from.url);
    out.field("sound_elem_task_id", from.task_id);
}

inline void read_field(json::Reader &in, uint64_t key, VideoElem &to) {
    switch (key) {
        case json::hash("video_elem_video_type"): return in.read(to.video_type);
        case json::hash("video_elem_video_size"): return in.read(to.video_size);
        case json::hash("video_elem_video_duration"): return in.read(to.video_duration);
        case json::hash("video_elem_video_path"): return in.read(to.video_path);
        case json::hash("video_elem_video_id"): return in.read(to.video_id);
        case json::hash("video_elem_business_id"): return in.read(to.business_id);
        case json::hash("video_elem_video_url"): return in.read(to.video_url);
        case json::hash("video_elem_image_type"): return in.read(to.image_type);
        case json::hash("video_elem_image_size"): return in.read(to.image_size);
        case json::hash("video_elem_image_width"): return in.read(to.image_width);
        case json::hash("video_elem_image_height"): return in.read(to.image_height);
        case json::hash("video_elem_image_path"): return in.read(to.image_path);
        case json::hash("video_elem_image_id"): return in.read(to.image_id);
        case json::hash("video_elem_image_url"): return in.read(to.image_url);
        case json::hash("video_elem_task_id"): return in.read(to.task_id);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const VideoElem &from) {
    out.field("video_elem_video_type", from.video_type);
    out.field("video_elem_video_size", from.video_size);
    out.field("video_elem_video_duration", from.video_duration);
    out.field("video_elem_video_path", from.video_path);
    out.field("video_elem_video_id", from.video_id);
    out.field("video_elem_business_id", from.business_id);
    out.field("video_elem_video_url", from.video_url);
    out.field("video_elem_image_type", from.image_type);
    out.field("video_elem_image_size", from.image_size);
    out.field("video_elem_image_width", from.image_width);
    out.field("video_elem_image_height", from.image_height);
    out.field("video_elem_image_path", from.image_path);
    out.field("video_elem_image_id", from.image_id);
    out.field("video_elem_image_url", from.image_url);
    out.field("video_elem_task_id", from.task_id);
}

inline void read_field(json::Reader &in, uint64_t key, FileElem &to) {
    switch (key) {
        case json::hash("file_elem_file_path"): return in.read(to.file_path);
        case json::hash("file_elem_file_name"): return in.read(to.file_name);
        case json::hash("file_elem_file_size"): return in.read(to.file_size);
        case json::hash("file_elem_file_id"): return in.read(to.file_id);
        case json::hash("file_elem_business_id"): return in.read(to.business_id);
        case json::hash("file_elem_url"): return in.read(to.url);
        case json::hash("file_elem_task_id"): return in.read(to.task_id);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FileElem &from) {
    out.field("file_elem_file_path", from.file_path);
    out.field("file_elem_file_name", from.file_name);
    out.field("file_elem_file_size", from.file_size);
    out.field("file_elem_file_id", from.file_id);
    out.field("file_elem_business_id", from.business_id);
    out.field("file_elem_url", from.url);
    out.field("file_elem_task_id", from.task_id);
}

inline void read_field(json::Reader &in, uint64_t key, MergerElem &to) {
    switch (key) {
        case json::hash("merge_elem_title"): return in.read(to.title);
        case json::hash("merge_elem_abstract_array"): return in.read(to.abstract_array);
        case json::hash("merge_elem_compatible_text"): return in.read(to.compatible_text);
        case json::hash("merge_elem_message_array"): return in.read(to.message_array);
        case json::hash("merge_elem_layer_over_limit"): return in.read(to.layer_over_limit);
        case json::hash("merge_elem_relay_pb_key"): return in.read(to.relay_pb_key);
        case json::hash("merge_elem_relay_json_key"): return in.read(to.relay_json_key);
        case json::hash("merge_elem_relay_buffer"): return in.read(to.relay_buffer);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MergerElem &from) {
    out.field("merge_elem_title", from.title);
    out.field("merge_elem_abstract_array", from.abstract_array);
    out.field("merge_elem_compatible_text", from.compatible_text);
    out.field("merge_elem_message_array", from.message_array);
    out.field("merge_elem_layer_over_limit", from.layer_over_limit);
    out.field("merge_elem_relay_pb_key", from.relay_pb_key);
    out.field("merge_elem_relay_json_key", from.relay_json_key);
    out.field("merge_elem_relay_buffer", from.relay_buffer);
}

inline void read_field(json::Reader &in, uint64_t key, GroupTipsElem &to) {
    switch (key) {
        case json::hash("group_tips_elem_tip_type"): return in.read(to.tip_type);
        case json::hash("group_tips_elem_join_type"): return in.read(to.join_type);
        case json::hash("group_tips_elem_op_user"): return in.read(to.op_user);
        case json::hash("group_tips_elem_group_id"): return in.read(to.group_id);
        case json::hash("group_tips_elem_user_array"): return in.read(to.user_array);
        case json::hash("group_tips_elem_group_change_info_array"): return in.read(to.group_change_info_array);
        case json::hash("group_tips_elem_member_change_info_array"): return in.read(to.member_change_info_array);
        case json::hash("group_tips_elem_op_user_info"): return in.read(to.op_user_info);
        case json::hash("group_tips_elem_op_group_memberinfo"): return in.read(to.op_group_memberinfo);
        case json::hash("group_tips_elem_changed_user_info_array"): return in.read(to.changed_user_info_array);
        case json::hash("group_tips_elem_changed_group_memberinfo_array"): return in.read(to.changed_group_memberinfo_array);
        case json::hash("group_tips_elem_member_num"): return in.read(to.member_num);
        case json::hash("group_tips_elem_platform"): return in.read(to.platform);
        case json::hash("group_tips_elem_member_mark_info_array"): return in.read(to.member_mark_info_array);
        case json::hash("group_tips_elem_pinned_message_list"): return in.read(to.pinned_message_list);
        case json::hash("group_tips_elem_group_name"): return in.read(to.group_name);
        case json::hash("group_tips_elem_time"): return in.read(to.time);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupTipsElem &from) {
    out.field("group_tips_elem_tip_type", from.tip_type);
    out.field("group_tips_elem_join_type", from.join_type);
    out.field("group_tips_elem_op_user", from.op_user);
    out.field("group_tips_elem_group_id", from.group_id);
    out.field("group_tips_elem_user_array", from.user_array);
    out.field("group_tips_elem_group_change_info_array", from.group_change_info_array);
    out.field("group_tips_elem_member_change_info_array", from.member_change_info_array);
    out.field("group_tips_elem_op_user_info", from.op_user_info);
    out.field("group_tips_elem_op_group_memberinfo", from.op_group_memberinfo);
    out.field("group_tips_elem_changed_user_info_array", from.changed_user_info_array);
    out.field("group_tips_elem_changed_group_memberinfo_array", from.changed_group_memberinfo_array);
    out.field("group_tips_elem_member_num", from.member_num);
    out.field("group_tips_elem_platform", from.platform);
    out.field("group_tips_elem_member_mark_info_array", from.member_mark_info_array);
    out.field("group_tips_elem_pinned_message_list", from.pinned_message_list);
    out.field("group_tips_elem_group_name", from.group_name);
    out.field("group_tips_elem_time", from.time);
}

inline void read_field(json::Reader &in, uint64_t key, GroupReportElem &to) {
    switch (key) {
        case json::hash("group_report_elem_report_type"): return in.read(to.report_type);
        case json::hash("group_report_elem_group_id"): return in.read(to.group_id);
        case json::hash("group_report_elem_group_name"): return in.read(to.group_name);
        case json::hash("group_report_elem_op_user"): return in.read(to.op_user);
        case json::hash("group_report_elem_msg"): return in.read(to.msg);
        case json::hash("group_report_elem_user_data"): return in.read(to.user_data);
        case json::hash("group_report_elem_op_user_info"): return in.read(to.op_user_info);
        case json::hash("group_report_elem_op_group_memberinfo"): return in.read(to.op_group_memberinfo);
        case json::hash("group_report_elem_platform"): return in.read(to.platform);
        case json::hash("group_report_elem_shut_up_time"): return in.read(to.shut_up_time);
        case json::hash("group_report_elem_group_message_receive_option"): return in.read(to.group_message_receive_option);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupReportElem &from) {
    out.field("group_report_elem_report_type", from.report_type);
    out.field("group_report_elem_group_id", from.group_id);
    out.field("group_report_elem_group_name", from.group_name);
    out.field("group_report_elem_op_user", from.op_user);
    out.field("group_report_elem_msg", from.msg);
    out.field("group_report_elem_user_data", from.user_data);
    out.field("group_report_elem_op_user_info", from.op_user_info);
    out.field("group_report_elem_op_group_memberinfo", from.op_group_memberinfo);
    out.field("group_report_elem_platform", from.platform);
    out.field("group_report_elem_shut_up_time", from.shut_up_time);
    out.field("group_report_elem_group_message_receive_option", from.group_message_receive_option);
}

inline void read_field(json::Reader &in, uint64_t key, ProfileChangeElem &to) {
    switch (key) {
        case json::hash("profile_change_elem_change_type"): return in.read(to.change_type);
        case json::hash("profile_change_elem_from_identifier"): return in.read(to.from_identifier);
        case json::hash("profile_change_elem_user_profile_item"): return in.read(to.user_profile_item);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const ProfileChangeElem &from) {
    out.field("profile_change_elem_change_type", from.change_type);
    out.field("profile_change_elem_from_identifier", from.from_identifier);
    out.field("profile_change_elem_user_profile_item", from.user_profile_item);
}

inline void read_field(json::Reader &in, uint64_t key, FriendChangeElem &to) {
    switch (key) {
        case json::hash("friend_change_elem_change_type"): return in.read(to.change_type);
        case json::hash("friend_change_elem_friend_add_identifier_array"): return in.read(to.friend_add_identifier_array);
        case json::hash("friend_change_elem_friend_del_identifier_array"): return in.read(to.friend_del_identifier_array);
        case json::hash("friend_change_elem_friend_add_pendency_array"): return in.read(to.friend_add_pendency_array);
        case json::hash("friend_change_elem_pendency_del_identifier_array"): return in.read(to.pendency_del_identifier_array);
        case json::hash("friend_change_elem_pendency_readed_report_timestamp"): return in.read(to.pendency_readed_report_timestamp);
        case json::hash("friend_change_elem_blacklist_add_identifier_array"): return in.read(to.blacklist_add_identifier_array);
        case json::hash("friend_change_elem_blacklist_del_identifier_array"): return in.read(to.blacklist_del_identifier_array);
        case json::hash("friend_change_elem_friend_profile_update_item_array"): return in.read(to.friend_profile_update_item_array);
        case json::hash("friend_change_elem_friend_group_add_array"): return in.read(to.friend_group_add_array);
        case json::hash("friend_change_elem_friend_group_del_array"): return in.read(to.friend_group_del_array);
        case json::hash("friend_change_elem_friend_group_update_array"): return in.read(to.friend_group_update_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const FriendChangeElem &from) {
    out.field("friend_change_elem_change_type", from.change_type);
    out.field("friend_change_elem_friend_add_identifier_array", from.friend_add_identifier_array);
    out.field("friend_change_elem_friend_del_identifier_array", from.friend_del_identifier_array);
    out.field("friend_change_elem_friend_add_pendency_array", from.friend_add_pendency_array);
    out.field("friend_change_elem_pendency_del_identifier_array", from.pendency_del_identifier_array);
    out.field("friend_change_elem_pendency_readed_report_timestamp", from.pendency_readed_report_timestamp);
    out.field("friend_change_elem_blacklist_add_identifier_array", from.blacklist_add_identifier_array);
    out.field("friend_change_elem_blacklist_del_identifier_array", from.blacklist_del_identifier_array);
    out.field("friend_change_elem_friend_profile_update_item_array", from.friend_profile_update_item_array);
    out.field("friend_change_elem_friend_group_add_array", from.friend_group_add_array);
    out.field("friend_change_elem_friend_group_del_array", from.friend_group_del_array);
    out.field("friend_change_elem_friend_group_update_array", from.friend_group_update_array);
}
inline void write_fields(json::Writer &, std::monostate) {}
inline void write_fields(json::Writer &out, const Elem &from) {
    out.always("elem_type", from.type);
    std::visit([&out](const auto &it) { write_fields(out, it); }, from.it);
}

inline void read_field(json::Reader &in, uint64_t key, IOSOfflinePushConfig &to) {
    switch (key) {
        case json::hash("ios_offline_push_config_title"): return in.read(to.title);
        case json::hash("ios_offline_push_config_sound"): return in.read(to.sound);
        case json::hash("ios_offline_push_config_ignore_badge"): return in.read(to.ignore_badge);
        case json::hash("ios_offline_push_config_push_type"): return in.read(to.push_type);
        case json::hash("ios_offline_push_config_image"): return in.read(to.image);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const IOSOfflinePushConfig &from) {
    out.field("ios_offline_push_config_title", from.title);
    out.field("ios_offline_push_config_sound", from.sound);
    out.field("ios_offline_push_config_ignore_badge", from.ignore_badge);
    out.field("ios_offline_push_config_push_type", from.push_type);
    out.field("ios_offline_push_config_image", from.image);
}

inline void read_field(json::Reader &in, uint64_t key, AndroidOfflinePushConfig &to) {
    switch (key) {
        case json::hash("android_offline_push_config_title"): return in.read(to.title);
        case json::hash("android_offline_push_config_sound"): return in.read(to.sound);
        case json::hash("android_offline_push_config_notify_mode"): return in.read(to.notify_mode);
        case json::hash("android_offline_push_config_vivo_classification"): return in.read(to.vivo_classification);
        case json::hash("android_offline_push_config_vivo_category"): return in.read(to.vivo_category);
        case json::hash("android_offline_push_config_oppo_channel_id"): return in.read(to.oppo_channel_id);
        case json::hash("android_offline_push_config_xiaomi_channel_id"): return in.read(to.xiaomi_channel_id);
        case json::hash("android_offline_push_config_fcm_channel_id"): return in.read(to.fcm_channel_id);
        case json::hash("android_offline_push_config_huawei_category"): return in.read(to.huawei_category);
        case json::hash("android_offline_push_config_huawei_image"): return in.read(to.huawei_image);
        case json::hash("android_offline_push_config_honor_image"): return in.read(to.honor_image);
        case json::hash("android_offline_push_config_fcm_image"): return in.read(to.fcm_image);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const AndroidOfflinePushConfig &from) {
    out.field("android_offline_push_config_title", from.title);
    out.field("android_offline_push_config_sound", from.sound);
    out.field("android_offline_push_config_notify_mode", from.notify_mode);
    out.field("android_offline_push_config_vivo_classification", from.vivo_classification);
    out.field("android_offline_push_config_vivo_category", from.vivo_category);
    out.field("android_offline_push_config_oppo_channel_id", from.oppo_channel_id);
    out.field("android_offline_push_config_xiaomi_channel_id", from.xiaomi_channel_id);
    out.field("android_offline_push_config_fcm_channel_id", from.fcm_channel_id);
    out.field("android_offline_push_config_huawei_category", from.huawei_category);
    out.field("android_offline_push_config_huawei_image", from.huawei_image);
    out.field("android_offline_push_config_honor_image", from.honor_image);
    out.field("android_offline_push_config_fcm_image", from.fcm_image);
}

inline void read_field(json::Reader &in, uint64_t key, OfflinePushConfig &to) {
    switch (key) {
        case json::hash("offline_push_config_desc"): return in.read(to.desc);
        case json::hash("offline_push_config_ext"): return in.read(to.ext);
        case json::hash("offline_push_config_flag"): return in.read(to.flag);
        case json::hash("offline_push_config_ios_config"): return in.read(to.ios_config);
        case json::hash("offline_push_config_android_config"): return in.read(to.android_config);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const OfflinePushConfig &from) {
    out.field("offline_push_config_desc", from.desc);
    out.field("offline_push_config_ext", from.ext);
    out.field("offline_push_config_flag", from.flag);
    out.field("offline_push_config_ios_config", from.ios_config);
    out.field("offline_push_config_android_config", from.android_config);
}

inline void read_field(json::Reader &in, uint64_t key, Message &to) {
    switch (key) {
        case json::hash("message_elem_array"): return in.read(to.elem_array);
        case json::hash("message_conv_id"): return in.read(to.conv_id);
        case json::hash("message_conv_type"): return in.read(to.conv_type);
        case json::hash("message_sender"): return in.read(to.sender);
        case json::hash("message_priority"): return in.read(to.priority);
        case json::hash("message_client_time"): return in.read(to.client_time);
        case json::hash("message_server_time"): return in.read(to.server_time);
        case json::hash("message_is_from_self"): return in.read(to.is_from_self);
        case json::hash("message_platform"): return in.read(to.platform);
        case json::hash("message_is_read"): return in.read(to.is_read);
        case json::hash("message_is_online_msg"): return in.read(to.is_online_msg);
        case json::hash("message_is_peer_read"): return in.read(to.is_peer_read);
        case json::hash("message_receipt_peer_read"): return in.read(to.receipt_peer_read);
        case json::hash("message_need_read_receipt"): return in.read(to.need_read_receipt);
        case json::hash("message_support_message_extension"): return in.read(to.support_message_extension);
        case json::hash("message_is_broadcast_message"): return in.read(to.is_broadcast_message);
        case json::hash("message_has_sent_receipt"): return in.read(to.has_sent_receipt);
        case json::hash("message_group_receipt_read_count"): return in.read(to.group_receipt_read_count);
        case json::hash("message_group_receipt_unread_count"): return in.read(to.group_receipt_unread_count);
        case json::hash("message_version"): return in.read(to.version);
        case json::hash("message_status"): return in.read(to.status);
        case json::hash("message_unique_id"): return in.read(to.unique_id);
        case json::hash("message_msg_id"): return in.read(to.msg_id);
        case json::hash("message_rand"): return in.read(to.rand);
        case json::hash("message_seq"): return in.read(to.seq);
        case json::hash("message_custom_int"): return in.read(to.custom_int);
        case json::hash("message_custom_str"): return in.read(to.custom_str);
        case json::hash("message_cloud_custom_str"): return in.read(to.cloud_custom_str);
        case json::hash("message_is_excluded_from_unread_count"): return in.read(to.is_excluded_from_unread_count);
        case json::hash("message_group_at_user_array"): return in.read(to.group_at_user_array);
        case json::hash("message_is_forward_message"): return in.read(to.is_forward_message);
        case json::hash("message_sender_profile"): return in.read(to.sender_profile);
        case json::hash("message_sender_group_member_info"): return in.read(to.sender_group_member_info);
        case json::hash("message_excluded_from_last_message"): return in.read(to.excluded_from_last_message);
        case json::hash("message_excluded_from_content_moderation"): return in.read(to.excluded_from_content_moderation);
        case json::hash("message_custom_moderation_configuration_id"): return in.read(to.custom_moderation_configuration_id);
        case json::hash("message_has_risk_content"): return in.read(to.has_risk_content);
        case json::hash("message_risk_type_identified"): return in.read(to.risk_type_identified);
        case json::hash("message_target_group_member_array"): return in.read(to.target_group_member_array);
        case json::hash("message_offline_push_config"): return in.read(to.offline_push_config);
        case json::hash("message_revoker_user_id"): return in.read(to.revoker_user_id);
        case json::hash("message_revoker_nick_name"): return in.read(to.revoker_nick_name);
        case json::hash("message_revoker_face_url"): return in.read(to.revoker_face_url);
        case json::hash("message_revoke_reason"): return in.read(to.revoke_reason);
        case json::hash("message_pinner_user_id"): return in.read(to.pinner_user_id);
        case json::hash("message_pinner_nick_name"): return in.read(to.pinner_nick_name);
        case json::hash("message_pinner_friend_remark"): return in.read(to.pinner_friend_remark);
        case json::hash("message_pinner_name_card"): return in.read(to.pinner_name_card);
        case json::hash("message_pinner_face_url"): return in.read(to.pinner_face_url);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const Message &from) {
    out.field("message_elem_array", from.elem_array);
    out.field("message_conv_id", from.conv_id);
    out.field("message_conv_type", from.conv_type);
    out.field("message_sender", from.sender);
    out.field("message_priority", from.priority);
    out.field("message_client_time", from.client_time);
    out.field("message_server_time", from.server_time);
    out.field("message_is_from_self", from.is_from_self);
    out.field("message_platform", from.platform);
    out.field("message_is_read", from.is_read);
    out.field("message_is_online_msg", from.is_online_msg);
    out.field("message_is_peer_read", from.is_peer_read);
    out.field("message_receipt_peer_read", from.receipt_peer_read);
    out.field("message_need_read_receipt", from.need_read_receipt);
    out.field("message_support_message_extension", from.support_message_extension);
    out.field("message_is_broadcast_message", from.is_broadcast_message);
    out.field("message_has_sent_receipt", from.has_sent_receipt);
    out.field("message_group_receipt_read_count", from.group_receipt_read_count);
    out.field("message_group_receipt_unread_count", from.group_receipt_unread_count);
    out.field("message_version", from.version);
    out.field("message_status", from.status);
    out.field("message_unique_id", from.unique_id);
    out.field("message_msg_id", from.msg_id);
    out.field("message_rand", from.rand);
    out.field("message_seq", from.seq);
    out.field("message_custom_int", from.custom_int);
    out.field("message_custom_str", from.custom_str);
    out.field("message_cloud_custom_str", from.cloud_custom_str);
    out.field("message_is_excluded_from_unread_count", from.is_excluded_from_unread_count);
    out.field("message_group_at_user_array", from.group_at_user_array);
    out.field("message_is_forward_message", from.is_forward_message);
    out.field("message_sender_profile", from.sender_profile);
    out.field("message_sender_group_member_info", from.sender_group_member_info);
    out.field("message_excluded_from_last_message", from.excluded_from_last_message);
    out.field("message_excluded_from_content_moderation", from.excluded_from_content_moderation);
    out.field("message_custom_moderation_configuration_id", from.custom_moderation_configuration_id);
    out.field("message_has_risk_content", from.has_risk_content);
    out.field("message_risk_type_identified", from.risk_type_identified);
    out.field("message_target_group_member_array", from.target_group_member_array);
    out.field("message_offline_push_config", from.offline_push_config);
    out.field("message_revoker_user_id", from.revoker_user_id);
    out.field("message_revoker_nick_name", from.revoker_nick_name);
    out.field("message_revoker_face_url", from.revoker_face_url);
    out.field("message_revoke_reason", from.revoke_reason);
    out.field("message_pinner_user_id", from.pinner_user_id);
    out.field("message_pinner_nick_name", from.pinner_nick_name);
    out.field("message_pinner_friend_remark", from.pinner_friend_remark);
    out.field("message_pinner_name_card", from.pinner_name_card);
    out.field("message_pinner_face_url", from.pinner_face_url);
}

inline void read_field(json::Reader &in, uint64_t key, MsgGetMsgListParam &to) {
    switch (key) {
        case json::hash("msg_getmsglist_param_last_msg"): return in.read(to.last_msg);
        case json::hash("msg_getmsglist_param_count"): return in.read(to.count);
        case json::hash("msg_getmsglist_param_is_ramble"): return in.read(to.is_ramble);
        case json::hash("msg_getmsglist_param_message_type_array"): return in.read(to.message_type_array);
        case json::hash("msg_getmsglist_param_is_forward"): return in.read(to.is_forward);
        case json::hash("msg_getmsglist_param_last_msg_seq"): return in.read(to.last_msg_seq);
        case json::hash("msg_getmsglist_param_time_begin"): return in.read(to.time_begin);
        case json::hash("msg_getmsglist_param_time_period"): return in.read(to.time_period);
        case json::hash("msg_getmsglist_param_message_seq_array"): return in.read(to.message_seq_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MsgGetMsgListParam &from) {
    out.field("msg_getmsglist_param_last_msg", from.last_msg);
    out.field("msg_getmsglist_param_count", from.count);
    out.field("msg_getmsglist_param_is_ramble", from.is_ramble);
    out.field("msg_getmsglist_param_message_type_array", from.message_type_array);
    out.field("msg_getmsglist_param_is_forward", from.is_forward);
    out.field("msg_getmsglist_param_last_msg_seq", from.last_msg_seq);
    out.field("msg_getmsglist_param_time_begin", from.time_begin);
    out.field("msg_getmsglist_param_time_period", from.time_period);
    out.field("msg_getmsglist_param_message_seq_array", from.message_seq_array);
}

inline void read_field(json::Reader &in, uint64_t key, MsgBatchSendParam &to) {
    switch (key) {
        case json::hash("msg_batch_send_param_identifier_array"): return in.read(to.identifier_array);
        case json::hash("msg_batch_send_param_msg"): return in.read(to.msg);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MsgBatchSendParam &from) {
    out.field("msg_batch_send_param_identifier_array", from.identifier_array);
    out.field("msg_batch_send_param_msg", from.msg);
}

inline void read_field(json::Reader &in, uint64_t key, MsgBatchSendResult &to) {
    switch (key) {
        case json::hash("msg_batch_send_result_identifier"): return in.read(to.identifier);
        case json::hash("msg_batch_send_result_code"): return in.read(to.code);
        case json::hash("msg_batch_send_result_desc"): return in.read(to.desc);
        case json::hash("msg_batch_send_result_msg"): return in.read(to.msg);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MsgBatchSendResult &from) {
    out.field("msg_batch_send_result_identifier", from.identifier);
    out.field("msg_batch_send_result_code", from.code);
    out.field("msg_batch_send_result_desc", from.desc);
    out.field("msg_batch_send_result_msg", from.msg);
}

inline void read_field(json::Reader &in, uint64_t key, MsgDeleteParam &to) {
    switch (key) {
        case json::hash("msg_delete_param_msg"): return in.read(to.msg);
        case json::hash("msg_delete_param_is_ramble"): return in.read(to.is_ramble);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MsgDeleteParam &from) {
    out.field("msg_delete_param_msg", from.msg);
    out.field("msg_delete_param_is_ramble", from.is_ramble);
}

inline void read_field(json::Reader &in, uint64_t key, MsgLocator &to) {
    switch (key) {
        case json::hash("message_locator_conv_id"): return in.read(to.conv_id);
        case json::hash("message_locator_conv_type"): return in.read(to.conv_type);
        case json::hash("message_locator_is_revoked"): return in.read(to.is_revoked);
        case json::hash("message_locator_time"): return in.read(to.time);
        case json::hash("message_locator_seq"): return in.read(to.seq);
        case json::hash("message_locator_is_self"): return in.read(to.is_self);
        case json::hash("message_locator_rand"): return in.read(to.rand);
        case json::hash("message_locator_unique_id"): return in.read(to.unique_id);
        case json::hash("message_revoker_user_id"): return in.read(to.message_revoker_user_id);
        case json::hash("message_revoker_nick_name"): return in.read(to.message_revoker_nick_name);
        case json::hash("message_revoker_face_url"): return in.read(to.message_revoker_face_url);
        case json::hash("message_revoke_reason"): return in.read(to.message_revoke_reason);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MsgLocator &from) {
    out.field("message_locator_conv_id", from.conv_id);
    out.field("message_locator_conv_type", from.conv_type);
    out.field("message_locator_is_revoked", from.is_revoked);
    out.field("message_locator_time", from.time);
    out.field("message_locator_seq", from.seq);
    out.field("message_locator_is_self", from.is_self);
    out.field("message_locator_rand", from.rand);
    out.field("message_locator_unique_id", from.unique_id);
    out.field("message_revoker_user_id", from.message_revoker_user_id);
    out.field("message_revoker_nick_name", from.message_revoker_nick_name);
    out.field("message_revoker_face_url", from.message_revoker_face_url);
    out.field("message_revoke_reason", from.message_revoke_reason);
}

inline void read_field(json::Reader &in, uint64_t key, GetC2CRecvMsgOptResult &to) {
    switch (key) {
        case json::hash("msg_recv_msg_opt_result_identifier"): return in.read(to.identifier);
        case json::hash("msg_recv_msg_opt_result_opt"): return in.read(to.opt);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GetC2CRecvMsgOptResult &from) {
    out.field("msg_recv_msg_opt_result_identifier", from.identifier);
    out.field("msg_recv_msg_opt_result_opt", from.opt);
}

inline void read_field(json::Reader &in, uint64_t key, ReceiveMessageOptInfo &to) {
    switch (key) {
        case json::hash("msg_all_recv_msg_opt_start_hour"): return in.read(to.opt_start_hour);
        case json::hash("msg_all_recv_msg_opt_start_minute"): return in.read(to.opt_start_minute);
        case json::hash("msg_all_recv_msg_opt_start_second"): return in.read(to.opt_start_second);
        case json::hash("msg_all_recv_msg_opt_start_time_stamp"): return in.read(to.opt_start_time_stamp);
        case json::hash("msg_all_recv_msg_duration"): return in.read(to.duration);
        case json::hash("msg_all_recv_msg_opt_level"): return in.read(to.opt_level);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const ReceiveMessageOptInfo &from) {
    out.field("msg_all_recv_msg_opt_start_hour", from.opt_start_hour);
    out.field("msg_all_recv_msg_opt_start_minute", from.opt_start_minute);
    out.field("msg_all_recv_msg_opt_start_second", from.opt_start_second);
    out.field("msg_all_recv_msg_opt_start_time_stamp", from.opt_start_time_stamp);
    out.field("msg_all_recv_msg_duration", from.duration);
    out.field("msg_all_recv_msg_opt_level", from.opt_level);
}

inline void read_field(json::Reader &in, uint64_t key, MessageSearchParam &to) {
    switch (key) {
        case json::hash("msg_search_param_keyword_array"): return in.read(to.keyword_array);
        case json::hash("msg_search_param_message_type_array"): return in.read(to.message_type_array);
        case json::hash("msg_search_param_conv_id"): return in.read(to.conv_id);
        case json::hash("msg_search_param_conv_type"): return in.read(to.conv_type);
        case json::hash("msg_search_param_search_time_position"): return in.read(to.search_time_position);
        case json::hash("msg_search_param_search_time_period"): return in.read(to.search_time_period);
        case json::hash("msg_search_param_page_index"): return in.read(to.page_index);
        case json::hash("msg_search_param_page_size"): return in.read(to.page_size);
        case json::hash("msg_search_param_keyword_list_match_type"): return in.read(to.keyword_list_match_type);
        case json::hash("msg_search_param_send_identifier_array"): return in.read(to.send_identifier_array);
        case json::hash("msg_search_param_search_count"): return in.read(to.search_count);
        case json::hash("msg_search_param_search_cursor"): return in.read(to.search_cursor);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MessageSearchParam &from) {
    out.field("msg_search_param_keyword_array", from.keyword_array);
    out.field("msg_search_param_message_type_array", from.message_type_array);
    out.field("msg_search_param_conv_id", from.conv_id);
    out.field("msg_search_param_conv_type", from.conv_type);
    out.field("msg_search_param_search_time_position", from.search_time_position);
    out.field("msg_search_param_search_time_period", from.search_time_period);
    out.field("msg_search_param_page_index", from.page_index);
    out.field("msg_search_param_page_size", from.page_size);
    out.field("msg_search_param_keyword_list_match_type", from.keyword_list_match_type);
    out.field("msg_search_param_send_identifier_array", from.send_identifier_array);
    out.field("msg_search_param_search_count", from.search_count);
    out.field("msg_search_param_search_cursor", from.search_cursor);
}

inline void read_field(json::Reader &in, uint64_t key, MessageSearchResultItem &to) {
    switch (key) {
        case json::hash("msg_search_result_item_conv_id"): return in.read(to.conv_id);
        case json::hash("msg_search_result_item_conv_type"): return in.read(to.conv_type);
        case json::hash("msg_search_result_item_total_message_count"): return in.read(to.total_message_count);
        case json::hash("msg_search_result_item_message_array"): return in.read(to.message_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MessageSearchResultItem &from) {
    out.field("msg_search_result_item_conv_id", from.conv_id);
    out.field("msg_search_result_item_conv_type", from.conv_type);
    out.field("msg_search_result_item_total_message_count", from.total_message_count);
    out.field("msg_search_result_item_message_array", from.message_array);
}

inline void read_field(json::Reader &in, uint64_t key, MessageSearchResult &to) {
    switch (key) {
        case json::hash("msg_search_result_total_count"): return in.read(to.total_count);
        case json::hash("msg_search_result_item_array"): return in.read(to.item_array);
        case json::hash("msg_search_result_search_cursor"): return in.read(to.search_cursor);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MessageSearchResult &from) {
    out.field("msg_search_result_total_count", from.total_count);
    out.field("msg_search_result_item_array", from.item_array);
    out.field("msg_search_result_search_cursor", from.search_cursor);
}

inline void read_field(json::Reader &in, uint64_t key, Draft &to) {
    switch (key) {
        case json::hash("draft_msg"): return in.read(to.msg);
        case json::hash("draft_user_define"): return in.read(to.user_define);
        case json::hash("draft_edit_time"): return in.read(to.edit_time);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const Draft &from) {
    out.field("draft_msg", from.msg);
    out.field("draft_user_define", from.user_define);
    out.field("draft_edit_time", from.edit_time);
}

inline void read_field(json::Reader &in, uint64_t key, GroupAtInfo &to) {
    switch (key) {
        case json::hash("conv_group_at_info_seq"): return in.read(to.seq);
        case json::hash("conv_group_at_info_at_type"): return in.read(to.at_type);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupAtInfo &from) {
    out.field("conv_group_at_info_seq", from.seq);
    out.field("conv_group_at_info_at_type", from.at_type);
}

inline void read_field(json::Reader &in, uint64_t key, ConvInfo &to) {
    switch (key) {
        case json::hash("conv_id"): return in.read(to.id);
        case json::hash("conv_type"): return in.read(to.type);
        case json::hash("conv_face_url"): return in.read(to.face_url);
        case json::hash("conv_unread_num"): return in.read(to.unread_num);
        case json::hash("conv_active_time"): return in.read(to.active_time);
        case json::hash("conv_is_has_lastmsg"): return in.read(to.is_has_lastmsg);
        case json::hash("conv_last_msg"): return in.read(to.last_msg);
        case json::hash("conv_is_has_draft"): return in.read(to.is_has_draft);
        case json::hash("conv_draft"): return in.read(to.draft);
        case json::hash("conv_recv_opt"): return in.read(to.recv_opt);
        case json::hash("conv_group_type"): return in.read(to.group_type);
        case json::hash("conv_group_at_info_array"): return in.read(to.group_at_info_array);
        case json::hash("conv_is_pinned"): return in.read(to.is_pinned);
        case json::hash("conv_show_name"): return in.read(to.show_name);
        case json::hash("conv_mark_array"): return in.read(to.mark_array);
        case json::hash("conv_custom_data"): return in.read(to.custom_data);
        case json::hash("conv_conversation_group_array"): return in.read(to.conversation_group_array);
        case json::hash("conv_c2c_read_timestamp"): return in.read(to.c2c_read_timestamp);
        case json::hash("conv_group_read_sequence"): return in.read(to.group_read_sequence);
        case json::hash("conv_owner"): return in.read(to.owner);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const ConvInfo &from) {
    out.field("conv_id", from.id);
    out.field("conv_type", from.type);
    out.field("conv_face_url", from.face_url);
    out.field("conv_unread_num", from.unread_num);
    out.field("conv_active_time", from.active_time);
    out.field("conv_is_has_lastmsg", from.is_has_lastmsg);
    out.field("conv_last_msg", from.last_msg);
    out.field("conv_is_has_draft", from.is_has_draft);
    out.field("conv_draft", from.draft);
    out.field("conv_recv_opt", from.recv_opt);
    out.field("conv_group_type", from.group_type);
    out.field("conv_group_at_info_array", from.group_at_info_array);
    out.field("conv_is_pinned", from.is_pinned);
    out.field("conv_show_name", from.show_name);
    out.field("conv_mark_array", from.mark_array);
    out.field("conv_custom_data", from.custom_data);
    out.field("conv_conversation_group_array", from.conversation_group_array);
    out.field("conv_c2c_read_timestamp", from.c2c_read_timestamp);
    out.field("conv_group_read_sequence", from.group_read_sequence);
    out.field("conv_owner", from.owner);
}

inline void read_field(json::Reader &in, uint64_t key, GetConversationListParam &to) {
    switch (key) {
        case json::hash("get_conversation_list_param_conv_id"): return in.read(to.conv_id);
        case json::hash("get_conversation_list_param_conv_type"): return in.read(to.conv_type);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GetConversationListParam &from) {
    out.field("get_conversation_list_param_conv_id", from.conv_id);
    out.field("get_conversation_list_param_conv_type", from.conv_type);
}

inline void read_field(json::Reader &in, uint64_t key, ConversationListFilter &to) {
    switch (key) {
        case json::hash("conversation_list_filter_conv_type"): return in.read(to.conv_type);
        case json::hash("conversation_list_filter_conversation_group"): return in.read(to.conversation_group);
        case json::hash("conversation_list_filter_mark_type"): return in.read(to.mark_type);
        case json::hash("conversation_list_filter_has_unread_count"): return in.read(to.has_unread_count);
        case json::hash("conversation_list_filter_has_group_at_info"): return in.read(to.has_group_at_info);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const ConversationListFilter &from) {
    out.field("conversation_list_filter_conv_type", from.conv_type);
    out.field("conversation_list_filter_conversation_group", from.conversation_group);
    out.field("conversation_list_filter_mark_type", from.mark_type);
    out.field("conversation_list_filter_has_unread_count", from.has_unread_count);
    out.field("conversation_list_filter_has_group_at_info", from.has_group_at_info);
}

inline void read_field(json::Reader &in, uint64_t key, ConversationListResult &to) {
    switch (key) {
        case json::hash("conversation_list_result_conv_list"): return in.read(to.conv_list);
        case json::hash("conversation_list_result_next_seq"): return in.read(to.next_seq);
        case json::hash("conversation_list_result_is_finished"): return in.read(to.is_finished);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const ConversationListResult &from) {
    out.field("conversation_list_result_conv_list", from.conv_list);
    out.field("conversation_list_result_next_seq", from.next_seq);
    out.field("conversation_list_result_is_finished", from.is_finished);
}

inline void read_field(json::Reader &in, uint64_t key, GetTotalUnreadNumberResult &to) {
    switch (key) {
        case json::hash("conv_get_total_unread_message_count_result_unread_count"): return in.read(to.unread_count);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GetTotalUnreadNumberResult &from) {
    out.field("conv_get_total_unread_message_count_result_unread_count", from.unread_count);
}

inline void read_field(json::Reader &in, uint64_t key, ConversationOperationResult &to) {
    switch (key) {
        case json::hash("conversation_operation_result_conversation_id"): return in.read(to.conversation_id);
        case json::hash("conversation_operation_result_result_code"): return in.read(to.result_code);
        case json::hash("conversation_operation_result_result_info"): return in.read(to.result_info);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const ConversationOperationResult &from) {
    out.field("conversation_operation_result_conversation_id", from.conversation_id);
    out.field("conversation_operation_result_result_code", from.result_code);
    out.field("conversation_operation_result_result_info", from.result_info);
}

inline void read_field(json::Reader &in, uint64_t key, GroupInfoCustomString &to) {
    switch (key) {
        case json::hash("group_info_custom_string_info_key"): return in.read(to.key);
        case json::hash("group_info_custom_string_info_value"): return in.read(to.value);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupInfoCustomString &from) {
    out.field("group_info_custom_string_info_key", from.key);
    out.field("group_info_custom_string_info_value", from.value);
}

inline void read_field(json::Reader &in, uint64_t key, CreateGroupParam &to) {
    switch (key) {
        case json::hash("create_group_param_group_name"): return in.read(to.group_name);
        case json::hash("create_group_param_group_id"): return in.read(to.group_id);
        case json::hash("create_group_param_group_type"): return in.read(to.group_type);
        case json::hash("create_group_param_is_support_topic"): return in.read(to.is_support_topic);
        case json::hash("create_group_param_group_member_array"): return in.read(to.group_member_array);
        case json::hash("create_group_param_notification"): return in.read(to.notification);
        case json::hash("create_group_param_introduction"): return in.read(to.introduction);
        case json::hash("create_group_param_face_url"): return in.read(to.face_url);
        case json::hash("create_group_param_add_option"): return in.read(to.add_option);
        case json::hash("create_group_param_approve_option"): return in.read(to.approve_option);
        case json::hash("create_group_param_max_member_num"): return in.read(to.max_member_num);
        case json::hash("create_group_param_custom_info"): return in.read(to.custom_info);
        case json::hash("create_group_param_enable_permission_group"): return in.read(to.enable_permission_group);
        case json::hash("create_group_param_default_permissions"): return in.read(to.default_permissions);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const CreateGroupParam &from) {
    out.field("create_group_param_group_name", from.group_name);
    out.field("create_group_param_group_id", from.group_id);
    out.field("create_group_param_group_type", from.group_type);
    out.field("create_group_param_is_support_topic", from.is_support_topic);
    out.field("create_group_param_group_member_array", from.group_member_array);
    out.field("create_group_param_notification", from.notification);
    out.field("create_group_param_introduction", from.introduction);
    out.field("create_group_param_face_url", from.face_url);
    out.field("create_group_param_add_option", from.add_option);
    out.field("create_group_param_approve_option", from.approve_option);
    out.field("create_group_param_max_member_num", from.max_member_num);
    out.field("create_group_param_custom_info", from.custom_info);
    out.field("create_group_param_enable_permission_group", from.enable_permission_group);
    out.field("create_group_param_default_permissions", from.default_permissions);
}

inline void read_field(json::Reader &in, uint64_t key, CreateGroupResult &to) {
    switch (key) {
        case json::hash("create_group_result_groupid"): return in.read(to.groupid);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const CreateGroupResult &from) {
    out.field("create_group_result_groupid", from.groupid);
}

inline void read_field(json::Reader &in, uint64_t key, GroupSelfInfo &to) {
    switch (key) {
        case json::hash("group_self_info_join_time"): return in.read(to.join_time);
        case json::hash("group_self_info_role"): return in.read(to.role);
        case json::hash("group_self_info_unread_num"): return in.read(to.unread_num);
        case json::hash("group_self_info_msg_flag"): return in.read(to.msg_flag);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupSelfInfo &from) {
    out.field("group_self_info_join_time", from.join_time);
    out.field("group_self_info_role", from.role);
    out.field("group_self_info_unread_num", from.unread_num);
    out.field("group_self_info_msg_flag", from.msg_flag);
}

inline void read_field(json::Reader &in, uint64_t key, GroupBaseInfo &to) {
    switch (key) {
        case json::hash("group_base_info_group_id"): return in.read(to.group_id);
        case json::hash("group_base_info_group_name"): return in.read(to.group_name);
        case json::hash("group_base_info_group_type"): return in.read(to.group_type);
        case json::hash("group_base_info_face_url"): return in.read(to.face_url);
        case json::hash("group_base_info_info_seq"): return in.read(to.info_seq);
        case json::hash("group_base_info_latest_seq"): return in.read(to.latest_seq);
        case json::hash("group_base_info_readed_seq"): return in.read(to.readed_seq);
        case json::hash("group_base_info_msg_flag"): return in.read(to.msg_flag);
        case json::hash("group_base_info_is_shutup_all"): return in.read(to.is_shutup_all);
        case json::hash("group_base_info_self_info"): return in.read(to.self_info);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupBaseInfo &from) {
    out.field("group_base_info_group_id", from.group_id);
    out.field("group_base_info_group_name", from.group_name);
    out.field("group_base_info_group_type", from.group_type);
    out.field("group_base_info_face_url", from.face_url);
    out.field("group_base_info_info_seq", from.info_seq);
    out.field("group_base_info_latest_seq", from.latest_seq);
    out.field("group_base_info_readed_seq", from.readed_seq);
    out.field("group_base_info_msg_flag", from.msg_flag);
    out.field("group_base_info_is_shutup_all", from.is_shutup_all);
    out.field("group_base_info_self_info", from.self_info);
}

inline void read_field(json::Reader &in, uint64_t key, GroupGetMemberInfoListParam &to) {
    switch (key) {
        case json::hash("group_get_members_info_list_param_group_id"): return in.read(to.group_id);
        case json::hash("group_get_members_info_list_param_identifier_array"): return in.read(to.identifier_array);
        case json::hash("group_get_members_info_list_param_option"): return in.read(to.option);
        case json::hash("group_get_members_info_list_param_next_seq"): return in.read(to.next_seq);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupGetMemberInfoListParam &from) {
    out.field("group_get_members_info_list_param_group_id", from.group_id);
    out.field("group_get_members_info_list_param_identifier_array", from.identifier_array);
    out.field("group_get_members_info_list_param_option", from.option);
    out.field("group_get_members_info_list_param_next_seq", from.next_seq);
}

inline void read_field(json::Reader &in, uint64_t key, GroupGetMemberInfoListResult &to) {
    switch (key) {
        case json::hash("group_get_member_info_list_result_next_seq"): return in.read(to.next_seq);
        case json::hash("group_get_member_info_list_result_info_array"): return in.read(to.info_array);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupGetMemberInfoListResult &from) {
    out.field("group_get_member_info_list_result_next_seq", from.next_seq);
    out.field("group_get_member_info_list_result_info_array", from.info_array);
}

inline void read_field(json::Reader &in, uint64_t key, GroupInviteMemberParam &to) {
    switch (key) {
        case json::hash("group_invite_member_param_group_id"): return in.read(to.group_id);
        case json::hash("group_invite_member_param_identifier_array"): return in.read(to.identifier_array);
        case json::hash("group_invite_member_param_user_data"): return in.read(to.user_data);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupInviteMemberParam &from) {
    out.field("group_invite_member_param_group_id", from.group_id);
    out.field("group_invite_member_param_identifier_array", from.identifier_array);
    out.field("group_invite_member_param_user_data", from.user_data);
}

inline void read_field(json::Reader &in, uint64_t key, GroupInviteMemberResult &to) {
    switch (key) {
        case json::hash("group_invite_member_result_identifier"): return in.read(to.identifier);
        case json::hash("group_invite_member_result_result"): return in.read(to.result);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const GroupInviteMemberResult &from) {
    out.field("group_invite_member_result_identifier", from.identifier);
    out.field("group_invite_member_result_result", from.result);
}

inline void read_field(json::Reader &in, uint64_t key, MessageReceipt &to) {
    switch (key) {
        case json::hash("msg_receipt_conv_id"): return in.read(to.conv_id);
        case json::hash("msg_receipt_conv_type"): return in.read(to.conv_type);
        case json::hash("msg_receipt_msg_id"): return in.read(to.msg_id);
        case json::hash("msg_receipt_time_stamp"): return in.read(to.time_stamp);
        case json::hash("msg_receipt_is_peer_read"): return in.read(to.is_peer_read);
        case json::hash("msg_receipt_read_count"): return in.read(to.read_count);
        case json::hash("msg_receipt_unread_count"): return in.read(to.unread_count);
        default: return in.skip();
    }
}
inline void write_fields(json::Writer &out, const MessageReceipt &from) {
    out.field("msg_receipt_conv_id", from.conv_id);
    out.field("msg_receipt_conv_type", from.conv_type);
    out.field("msg_receipt_msg_id", from.msg_id);
    out.field("msg_receipt_time_stamp", from.time_stamp);
    out.field("msg_receipt_is_peer_read", from.is_peer_read);
    out.field("msg_receipt_read_count", from.read_count);
    out.field("msg_receipt_unread_count", from.unread_count);
}
// </objects>

/** The JSON text of a struct of this header, or of a vector of them. */
template <class T>
std::string to_json(const T &value) {
    json::Writer out;
    out.write(value);
    return out.take();
}

/** The opposite; none when the text is no JSON or not of that type. Unknown keys are passed over. */
template <class T>
std::optional<T> from_json(std::string_view text) {
    std::optional<T> value(std::in_place);
    json::Reader in(text);
    in.read(*value);
    if (!in.is_over()) value.reset();
    return value;
}

/** Text of the first text element; empty when there is none. */
inline std::string text_of(const Message &message) {
    for (const Elem &elem : message.elem_array)
        if (auto *text = elem.get<TextElem>()) return text->content;
    return "";
}

/** A message with one element. */
inline Message message_of(Elem elem) {
    Message message;
    message.elem_array.push_back(std::move(elem));
    return message;
}

/* ---- outcomes ---- */

namespace detail {

/** What a call that gives nothing gives. */
struct Nothing {};

template <class T>
using Value = std::conditional_t<std::is_void<T>::value, Nothing, T>;

[[noreturn]] inline void raise(const Error &error) {
#ifdef TIM_HPP_EXCEPTIONS
    throw error;
#else
    std::fprintf(stderr, "tim: %s\n", error.what());
    std::abort();
#endif
}

/** How deep in callbacks this thread is. */
inline int &callbacks() {
    static thread_local int depth = 0;
    return depth;
}

/** Whether callbacks wait for Client::poll. */
inline std::atomic<bool> &polls() {
    static std::atomic<bool> does{false};
    return does;
}

/** With callback_mode "poll": the thread that made the client, or that polled last. */
inline std::atomic<std::thread::id> &poller() {
    static std::atomic<std::thread::id> it{};
    return it;
}

/** Why tim_init refused. */
inline std::string init_error() {
    std::string stats(4096, '\0'), why;
    if (tim_get_stats(&stats[0], stats.size()) < 0) return why;
    json::Reader in(stats.c_str());
    in.object([&](uint64_t key) { key == json::hash("last_init_error") ? in.read(why) : in.skip(); });
    return why;
}

/** Whether there is a Client. */
inline std::atomic<bool> &is_there() {
    static std::atomic<bool> it{false};
    return it;
}

inline std::function<void()> &exception_handler() {
    // Never destroyed: threads may run when the process ends.
    static auto &handler = *new std::function<void()>();
    return handler;
}

/** Runs what an app gave us; nothing that it throws gets into C. */
template <class F>
void run(F &&function) noexcept {
    callbacks()++;
#ifdef TIM_HPP_EXCEPTIONS
    try {
        function();
    } catch (const std::exception &e) {
        if (exception_handler()) exception_handler()();
        else std::fprintf(stderr, "tim: an exception left a callback: %s\n", e.what());
    } catch (...) {
        if (exception_handler()) exception_handler()();
        else std::fprintf(stderr, "tim: an exception left a callback\n");
    }
#else
    function();
#endif
    callbacks()--;
}

/** Runs a function where callbacks run. */
inline void later(std::function<void()> function) {
    auto *kept = new std::function<void()>(std::move(function));
    auto run_it = [](int32_t, const char *, const char *, const void *data) {
        auto *it = static_cast<const std::function<void()> *>(data);
        run(*it);
        delete it;
    };
    // A call that changes nothing.
    if (tim_set_config("{}", run_it, kept) != TIM_SUCC) run_it(0, "", "", kept);
}

}  // namespace detail

/** Sets what is done with an exception that leaves a listener, a function of then() or a Job, inside
 * the handler of it: std::current_exception() is that exception. The handler must not throw. Without one
 * a line goes to stderr. To be set before a Client is made. */
inline void on_exception(std::function<void()> handler) { detail::exception_handler() = std::move(handler); }

/** What a call came to: a value or an error. */
template <class T>
class Result {
public:
    Result(Error error) : it_(std::in_place_index<0>, std::move(error)) {}
    Result(detail::Value<T> value) : it_(std::in_place_index<1>, std::move(value)) {}

    /** True: there is a value. */
    explicit operator bool() const { return it_.index() == 1; }
    /** The error. There has to be one. */
    const Error &error() const { return *std::get_if<0>(&it_); }
    /** The code, 0 for a success. */
    int32_t code() const { return *this ? 0 : error().code(); }
    /** The value; throws the error when there is none. */
    T value() & {
        if (!*this) detail::raise(error());
        if constexpr (!std::is_void<T>::value) return *std::get_if<1>(&it_);
    }
    T value() && {
        if (!*this) detail::raise(error());
        if constexpr (!std::is_void<T>::value) return std::move(*std::get_if<1>(&it_));
    }
    /** The value. There has to be one. */
    const detail::Value<T> &operator*() const { return *std::get_if<1>(&it_); }
    const detail::Value<T> *operator->() const { return std::get_if<1>(&it_); }

private:
    std::variant<Error, detail::Value<T>> it_;
};

/** A call that was made. It goes on whether or not the Call is kept. One that was refused is over at
 * once, with that code. Use one of the three ways to hear of the outcome, once. */
template <class T>
class Call {
    struct State {
        std::mutex mutex;
        std::condition_variable over;
        std::optional<Result<T>> result;
        bool is_taken = false;
        std::function<void(Result<T>)> then;
    };

public:
    /** Waits. Inside a callback nothing can be waited for: TIM_ERR_IN_CALLBACK. With callback_mode
     * "poll" the thread that polls runs callbacks meanwhile; others wait for it. A message that is sent
     * while the link is down is under way until it is up again. */
    Result<T> wait() {
        if (auto error = in_callback()) return *error;
        wait_until([] { return std::chrono::milliseconds(100); });
        return take();
    }

    /** Waits, so long at most; none when that was not enough. */
    std::optional<Result<T>> wait_for(std::chrono::milliseconds time) {
        if (auto error = in_callback()) return *error;
        auto end = std::chrono::steady_clock::now() + time;
        bool is_over = wait_until([end] {
            auto left = end - std::chrono::steady_clock::now();
            return std::chrono::duration_cast<std::chrono::milliseconds>(left);
        });
        if (!is_over) return std::nullopt;
        return take();
    }

    /** Whether the outcome is there. */
    bool is_over() const {
        std::lock_guard<std::mutex> lock(state_->mutex);
        return state_->result.has_value();
    }

    /** Waits; throws tim::Error. */
    T get() { return wait().value(); }

    /** Runs a function with the Result, where callbacks run. */
    void then(std::function<void(Result<T>)> function) {
        std::unique_lock<std::mutex> lock(state_->mutex);
        if (!state_->result) {
            state_->then = std::move(function);
            return;
        }
        lock.unlock();
        detail::later([state = state_, function = std::move(function)] { function(Call(state).take()); });
    }

#ifdef TIM_HPP_COROUTINES
    /** co_await: goes on where callbacks run; throws tim::Error. GCC 12 destroys structs twice that are
     * made with braces inside the expression: give them a name in a line before. */
    auto operator co_await() {
        struct Awaiter {
            Call call;
            std::optional<Result<T>> result;
            bool await_ready() { return false; }
            void await_suspend(std::coroutine_handle<> coroutine) {
                call.then([this, coroutine](Result<T> outcome) {
                    result = std::move(outcome);
                    coroutine.resume();
                });
            }
            T await_resume() { return (*std::move(result)).value(); }
        };
        return Awaiter{*this, {}};
    }
#endif

    /** For Client: makes the call. The function is given a tim_comm_callback and its user_data, and
     * returns what the C function returned. */
    template <class F>
    static Call make(F &&call) {
        Call made(std::make_shared<State>());
        auto *kept = new std::shared_ptr<State>(made.state_);
        int code = call(&complete, static_cast<const void *>(kept));
        if (code != TIM_SUCC) {
            delete kept;
            made.state_->result.emplace(Error(code));
        }
        return made;
    }

private:
    explicit Call(std::shared_ptr<State> state) : state_(std::move(state)) {}

    /** Why nobody can wait here; none when one can, or need not. */
    std::optional<Error> in_callback() const {
        if (detail::callbacks() == 0 || is_over()) return std::nullopt;
        return Error(TIM_ERR_IN_CALLBACK, "a callback cannot wait for a call: use then() or co_await");
    }
    /** Whether it is over. `left` says how long to wait yet; it is asked again and again. */
    template <class F>
    bool wait_until(F &&left) {
        State &state = *state_;
        std::unique_lock<std::mutex> lock(state.mutex);
        while (!state.result) {
            std::chrono::milliseconds time = left();
            if (time.count() <= 0) return false;
            if (time.count() > 100) time = std::chrono::milliseconds(100);
            if (!detail::polls() || detail::poller().load() != std::this_thread::get_id()) {
                state.over.wait_for(lock, time);
                continue;
            }
            lock.unlock();
            int ran = tim_poll(0, static_cast<int>(time.count()));
            lock.lock();
            // Another thread polls just now, or libtim was stopped: the completion comes from there.
            if (ran < 0 && !state.result) state.over.wait_for(lock, std::chrono::milliseconds(10));
        }
        return true;
    }
    Result<T> take() {
        std::lock_guard<std::mutex> lock(state_->mutex);
        if (std::exchange(state_->is_taken, true))
            return Error(TIM_ERR_PARAM, "the outcome of this call was taken already");
        return *std::move(state_->result);
    }
    static void complete(int32_t code, const char *desc, const char *json, const void *data) {
        auto *kept = static_cast<const std::shared_ptr<State> *>(data);
        std::shared_ptr<State> state = std::move(*const_cast<std::shared_ptr<State> *>(kept));
        delete kept;
        detail::run([&] {
            Result<T> result = read(code, desc, json);
            std::unique_lock<std::mutex> lock(state->mutex);
            if (!state->then) {
                state->result.emplace(std::move(result));
                state->over.notify_all();
                return;
            }
            auto then = std::move(state->then);
            lock.unlock();
            then(std::move(result));
        });
    }
    static Result<T> read(int32_t code, const char *desc, const char *json) {
        if (code != 0) return Error(code, desc);
        if constexpr (std::is_void<T>::value) {
            return detail::Nothing();
        } else if constexpr (std::is_same<T, std::string>::value) {
            return std::string(json);
        } else {
            T value{};
            if (*json) {
                json::Reader in(json);
                in.read(value);
                if (!in.is_over()) return Error(TIM_ERR_PARSE_RESPONSE_FAILED, "tim.hpp and libtim do not belong together");
            }
            return value;
        }
    }

    std::shared_ptr<State> state_;
};

#ifdef TIM_HPP_COROUTINES
/** A coroutine that runs by itself: `tim::Job hello(tim::Client &client) { co_await …; }`. It starts at
 * once; nobody waits for it. An exception that leaves it goes to on_exception(). */
struct Job {
    struct promise_type {
        Job get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {
#ifdef TIM_HPP_EXCEPTIONS
            std::exception_ptr thrown = std::current_exception();
            detail::run([&] { std::rethrow_exception(thrown); });
#endif
        }
    };
};
#endif

namespace detail {

/** The function that is told of an event. */
template <class... A>
class Listener {
public:
    /** True: there is one now. */
    bool set(std::function<void(A...)> function) {
        std::lock_guard<std::mutex> lock(mutex_);
        it_ = function ? std::make_shared<std::function<void(A...)>>(std::move(function)) : nullptr;
        return it_ != nullptr;
    }
    void tell(A... arguments) {
        std::unique_lock<std::mutex> lock(mutex_);
        auto function = it_;
        lock.unlock();
        if (function) run([&] { (*function)(arguments...); });
    }

private:
    std::mutex mutex_;
    std::shared_ptr<std::function<void(A...)>> it_;
};

/** JSON that libtim tells; an empty text is an empty value. */
template <class T>
T told(const char *json) {
    T value{};
    if (json && *json) json::Reader(json).read(value);
    return value;
}

/** Text for C; none when it has a NUL inside, which C would take for its end. */
inline const char *text(const std::string &text) {
    return text.find('\0') == std::string::npos ? text.c_str() : nullptr;
}

}  // namespace detail

/** libtim, from its start to its end; there can be one at a time in a process. All methods may be
 * called from any thread, also in callbacks. */
class Client {
public:
    /** tim_init; throws tim::Error. Listeners that are to hear everything are set before login. */
    explicit Client(uint64_t app_id, const SdkConfig &config = {}) {
        bool is_second = detail::is_there().exchange(true);
        int code = is_second ? TIM_ERR_PARAM : tim_init(app_id, to_json(config).c_str());
        if (code == TIM_SUCC) {
            detail::polls() = config.callback_mode == "poll";
            detail::poller() = std::this_thread::get_id();
            return;
        }
        detail::is_there() = is_second;
        error_.emplace(code, is_second ? "there is a Client already" : detail::init_error());
#ifdef TIM_HPP_EXCEPTIONS
        throw *error_;
#endif
    }
    /** tim_uninit: pending calls fail with TIM_ERR_SDK_COMM_INTERRUPT; afterwards no callback runs. In a
     * callback it takes effect when that returns. */
    ~Client() {
        if (error_) return;
        tim_uninit();
        for (auto end : ends_) end();
        detail::is_there() = false;
    }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    /** Without exceptions: why libtim did not start; none when it did. */
    const std::optional<Error> &error() const { return error_; }

    /** One of TIM_LOGIN_STATUS_…. */
    tim_login_status login_status() const { return tim_get_login_status(); }
    /** User ID; empty when nobody is logged in. */
    std::string login_user() const {
        char user_id[128] = "";
        tim_get_login_user_id(user_id);
        return user_id;
    }
    /** The server's clock, seconds since 1970. */
    uint64_t server_time() const { return tim_get_server_time(); }
    /** Counters, as JSON: see tim_get_stats. */
    std::string stats() const {
        std::string text(1024, '\0');
        while (true) {
            int length = tim_get_stats(&text[0], text.size());
            if (length < 0) return "";
            bool fits = static_cast<size_t>(length) < text.size();
            text.resize(static_cast<size_t>(length) + (fits ? 0 : 256));
            if (fits) return text;
        }
    }

    /** With callback_mode "poll": runs callbacks that wait, at most max_jobs of them (0: all), and waits
     * for the first up to timeout_ms (-1: for as long as it takes). How many ran, or a negative code.
     * Always from the same thread. */
    int poll(int max_jobs = 0, int timeout_ms = 0) {
        detail::poller() = std::this_thread::get_id();
        return tim_poll(max_jobs, timeout_ms);
    }
    /** Readable while callbacks wait; -1 where there is none. */
    int poll_fd() const { return tim_poll_fd(); }
    /** Is called, on a thread of libtim, when callbacks begin to wait. */
    void on_wakeup(std::function<void()> f) {
        static auto &listener = *new detail::Listener<>();
        static constexpr tim_wakeup_callback told = [](const void *) { listener.tell(); };
        bool is_set = listener.set(std::move(f));
        tim_set_wakeup_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_wakeup_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_suspend, tim_resume, tim_notify_network_changed: 0 or a code. */
    int suspend() { return tim_suspend(); }
    int resume() { return tim_resume(); }
    int notify_network_changed() { return tim_notify_network_changed(); }

    /** tim_conv_set_draft, tim_conv_cancel_draft: 0 or a code. */
    int set_draft(const std::string &conv_id, tim_conv_type conv_type, const Draft &draft) {
        return tim_conv_set_draft(detail::text(conv_id), conv_type, to_json(draft).c_str());
    }
    int cancel_draft(const std::string &conv_id, tim_conv_type conv_type) {
        return tim_conv_cancel_draft(detail::text(conv_id), conv_type);
    }

    /** tim_conv_subscribe_unread_message_count_by_filter and its opposite: 0 or a code. */
    int subscribe_unread(const ConversationListFilter &filter) {
        return tim_conv_subscribe_unread_message_count_by_filter(to_json(filter).c_str());
    }
    int unsubscribe_unread(const ConversationListFilter &filter) {
        return tim_conv_unsubscribe_unread_message_count_by_filter(to_json(filter).c_str());
    }

    /** Sends a text to a user. */
    Call<Message> send_text(const std::string &user_id, const std::string &text) {
        return msg_send_message(user_id, TIM_CONV_C2C, message_of(TextElem{text}));
    }

    /* ---- the functions of tim.h ---- */

    // <methods>
    /** tim_login: Logs a user in. */
    Call<void> login(const std::string &user_id, const std::string &user_sig) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_login(detail::text(user_id), detail::text(user_sig), done, data);
        });
    }

    /** tim_logout: Logs the user out. */
    Call<void> logout() {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_logout(done, data);
        });
    }

    /** tim_set_config: Changes settings, and tells all that are in force. */
    Call<SetConfig> set_config(const SetConfig &json_config) {
        return Call<SetConfig>::make([&](tim_comm_callback done, const void *data) {
            return tim_set_config(to_json(json_config).c_str(), done, data);
        });
    }

    /** tim_set_network_status_listener_callback: Sets who is told of the link to the server. One at a time; nullptr ends it. */
    void on_network_status_listener(std::function<void(tim_network_status, int32_t, const std::string &)> f) {
        static auto &listener = *new detail::Listener<tim_network_status, int32_t, const std::string &>();
        static constexpr tim_network_status_listener_callback told = [](tim_network_status status, int32_t code, const char *desc, const void *) { listener.tell(status, code, std::string(desc ? desc : "")); };
        bool is_set = listener.set(std::move(f));
        tim_set_network_status_listener_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_network_status_listener_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_kicked_offline_callback: Sets who is told that another login of the same user ended this one. One at a time; nullptr ends it. */
    void on_kicked_offline(std::function<void()> f) {
        static auto &listener = *new detail::Listener<>();
        static constexpr tim_kicked_offline_callback told = [](const void *) { listener.tell(); };
        bool is_set = listener.set(std::move(f));
        tim_set_kicked_offline_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_kicked_offline_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_user_sig_expired_callback: Sets who is told that the login ticket ran out while online. One at a time; nullptr ends it. */
    void on_user_sig_expired(std::function<void()> f) {
        static auto &listener = *new detail::Listener<>();
        static constexpr tim_user_sig_expired_callback told = [](const void *) { listener.tell(); };
        bool is_set = listener.set(std::move(f));
        tim_set_user_sig_expired_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_user_sig_expired_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_log_callback: Sets who is told of the lines of libtim's log. One at a time; nullptr ends it. */
    void on_log(std::function<void(tim_log_level, const std::string &)> f) {
        static auto &listener = *new detail::Listener<tim_log_level, const std::string &>();
        static constexpr tim_log_callback told = [](tim_log_level level, const char *log, const void *) { listener.tell(level, std::string(log ? log : "")); };
        bool is_set = listener.set(std::move(f));
        tim_set_log_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_log_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_get_user_status: Tells the status of users. */
    Call<std::vector<UserStatus>> get_user_status(const std::vector<std::string> &json_identifier_array) {
        return Call<std::vector<UserStatus>>::make([&](tim_comm_callback done, const void *data) {
            return tim_get_user_status(to_json(json_identifier_array).c_str(), done, data);
        });
    }

    /** tim_set_self_status: Sets one's own custom status. */
    Call<void> set_self_status(const UserStatus &json_current_user_status) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_set_self_status(to_json(json_current_user_status).c_str(), done, data);
        });
    }

    /** tim_subscribe_user_status: Subscribes to the status of users. */
    Call<void> subscribe_user_status(const std::vector<std::string> &json_identifier_array) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_subscribe_user_status(to_json(json_identifier_array).c_str(), done, data);
        });
    }

    /** tim_unsubscribe_user_status: Ends subscriptions to the status of users. */
    Call<void> unsubscribe_user_status(const std::optional<std::vector<std::string>> &json_identifier_array = std::nullopt) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_unsubscribe_user_status(json_identifier_array ? to_json(*json_identifier_array).c_str() : nullptr, done, data);
        });
    }

    /** tim_set_user_status_changed_callback: Sets who is told of the status of users. One at a time; nullptr ends it. */
    void on_user_status_changed(std::function<void(const std::vector<UserStatus> &)> f) {
        static auto &listener = *new detail::Listener<const std::vector<UserStatus> &>();
        static constexpr tim_user_status_changed_callback told = [](const char *json_user_status_array, const void *) { listener.tell(detail::told<std::vector<UserStatus>>(json_user_status_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_user_status_changed_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_user_status_changed_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_profile_get_user_profile_list: Tells the profiles of users. */
    Call<std::vector<UserProfile>> profile_get_user_profile_list(const FriendShipGetProfileListParam &json_get_user_profile_list_param) {
        return Call<std::vector<UserProfile>>::make([&](tim_comm_callback done, const void *data) {
            return tim_profile_get_user_profile_list(to_json(json_get_user_profile_list_param).c_str(), done, data);
        });
    }

    /** tim_profile_modify_self_user_profile: Changes one's own profile. */
    Call<void> profile_modify_self_user_profile(const UserProfileItem &json_modify_self_user_profile_param) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_profile_modify_self_user_profile(to_json(json_modify_self_user_profile_param).c_str(), done, data);
        });
    }

    /** tim_subscribe_user_info: Subscribes to changes of the profiles of users. */
    Call<void> subscribe_user_info(const std::vector<std::string> &json_user_id_list) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_subscribe_user_info(to_json(json_user_id_list).c_str(), done, data);
        });
    }

    /** tim_unsubscribe_user_info: Ends subscriptions to the profiles of users. */
    Call<void> unsubscribe_user_info(const std::optional<std::vector<std::string>> &json_user_id_list = std::nullopt) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_unsubscribe_user_info(json_user_id_list ? to_json(*json_user_id_list).c_str() : nullptr, done, data);
        });
    }

    /** tim_set_self_info_updated_callback: Sets who is told that one's own profile changed. One at a time; nullptr ends it. */
    void on_self_info_updated(std::function<void(const UserProfile &)> f) {
        static auto &listener = *new detail::Listener<const UserProfile &>();
        static constexpr tim_self_info_updated_callback told = [](const char *json_user_profile, const void *) { listener.tell(detail::told<UserProfile>(json_user_profile)); };
        bool is_set = listener.set(std::move(f));
        tim_set_self_info_updated_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_self_info_updated_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_user_info_changed_callback: Sets who is told that profiles of users that were subscribed to changed. One at a time; nullptr ends it. */
    void on_user_info_changed(std::function<void(const std::vector<UserProfile> &)> f) {
        static auto &listener = *new detail::Listener<const std::vector<UserProfile> &>();
        static constexpr tim_user_info_changed_callback told = [](const char *json_user_info_array, const void *) { listener.tell(detail::told<std::vector<UserProfile>>(json_user_info_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_user_info_changed_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_user_info_changed_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_add_recv_new_msg_callback: Adds a callback for messages that are new to this device. One at a time; nullptr ends it. */
    void on_recv_new_msg(std::function<void(const std::vector<Message> &)> f) {
        static auto &listener = *new detail::Listener<const std::vector<Message> &>();
        static constexpr tim_recv_new_msg_callback told = [](const char *json_msg_array, const void *) { listener.tell(detail::told<std::vector<Message>>(json_msg_array)); };
        bool is_set = listener.set(std::move(f));
        is_set ? tim_add_recv_new_msg_callback(told, nullptr) : tim_remove_recv_new_msg_callback(told);
        at_end([] {
            tim_remove_recv_new_msg_callback(told);
            listener.set(nullptr);
        });
    }

    /** tim_msg_send_message: Sends a message. */
    Call<Message> msg_send_message(const std::string &conv_id, tim_conv_type conv_type, const Message &json_msg_param, std::string *message_id_buffer = nullptr) {
        return Call<Message>::make([&](tim_comm_callback done, const void *data) {
            char buffer[128] = "";
            int code = tim_msg_send_message(detail::text(conv_id), conv_type, to_json(json_msg_param).c_str(), buffer, done, data);
            if (message_id_buffer) *message_id_buffer = buffer;
            return code;
        });
    }

    /** tim_msg_get_msg_list: Gives messages of a conversation. */
    Call<std::vector<Message>> msg_get_msg_list(const std::string &conv_id, tim_conv_type conv_type, const MsgGetMsgListParam &json_get_msg_param) {
        return Call<std::vector<Message>>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_get_msg_list(detail::text(conv_id), conv_type, to_json(json_get_msg_param).c_str(), done, data);
        });
    }

    /** tim_msg_report_readed: Marks messages as read. */
    Call<void> msg_report_readed(const std::optional<std::string> &conv_id, tim_conv_type conv_type, const std::optional<Message> &json_msg_param = std::nullopt) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_report_readed(conv_id ? detail::text(*conv_id) : nullptr, conv_type, json_msg_param ? to_json(*json_msg_param).c_str() : nullptr, done, data);
        });
    }

    /** tim_set_msg_readed_receipt_callback: Sets who is told that peers have read. One at a time; nullptr ends it. */
    void on_msg_readed_receipt(std::function<void(const std::vector<MessageReceipt> &)> f) {
        static auto &listener = *new detail::Listener<const std::vector<MessageReceipt> &>();
        static constexpr tim_msg_readed_receipt_callback told = [](const char *json_msg_read_receipt_array, const void *) { listener.tell(detail::told<std::vector<MessageReceipt>>(json_msg_read_receipt_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_msg_readed_receipt_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_msg_readed_receipt_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_msg_mark_all_message_as_read: Marks everything as read, in all conversations. */
    Call<void> msg_mark_all_message_as_read() {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_mark_all_message_as_read(done, data);
        });
    }

    /** tim_msg_batch_send: Sends a message to many users. */
    Call<std::vector<MsgBatchSendResult>> msg_batch_send(const MsgBatchSendParam &json_batch_send_param) {
        return Call<std::vector<MsgBatchSendResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_batch_send(to_json(json_batch_send_param).c_str(), done, data);
        });
    }

    /** tim_msg_send_new_msg: Sends a message. */
    Call<Message> msg_send_new_msg(const std::string &conv_id, tim_conv_type conv_type, const Message &json_msg_param) {
        return Call<Message>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_send_new_msg(detail::text(conv_id), conv_type, to_json(json_msg_param).c_str(), done, data);
        });
    }

    /** tim_msg_send_new_msg_ex: Sends a message. */
    Call<Message> msg_send_new_msg_ex(const std::string &conv_id, tim_conv_type conv_type, const Message &json_msg_param) {
        return Call<Message>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_send_new_msg_ex(detail::text(conv_id), conv_type, to_json(json_msg_param).c_str(), nullptr, done, data);
        });
    }

    /** tim_msg_revoke: Takes a message back, for everybody. */
    Call<void> msg_revoke(const std::string &conv_id, tim_conv_type conv_type, const Message &json_msg_param) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_revoke(detail::text(conv_id), conv_type, to_json(json_msg_param).c_str(), done, data);
        });
    }

    /** tim_msg_modify_message: Changes a message that was sent, for everybody. */
    Call<Message> msg_modify_message(const Message &json_msg_param) {
        return Call<Message>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_modify_message(to_json(json_msg_param).c_str(), done, data);
        });
    }

    /** tim_msg_delete: Deletes a message, on this device or on all devices of the user. */
    Call<void> msg_delete(const std::string &conv_id, tim_conv_type conv_type, const MsgDeleteParam &json_msgdel_param) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_delete(detail::text(conv_id), conv_type, to_json(json_msgdel_param).c_str(), done, data);
        });
    }

    /** tim_msg_list_delete: Deletes messages of a conversation, on all devices of the user. */
    Call<void> msg_list_delete(const std::string &conv_id, tim_conv_type conv_type, const std::vector<Message> &json_msg_array) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_list_delete(detail::text(conv_id), conv_type, to_json(json_msg_array).c_str(), done, data);
        });
    }

    /** tim_msg_clear_history_message: Deletes all messages of a conversation, on all devices of the user. */
    Call<void> msg_clear_history_message(const std::string &conv_id, tim_conv_type conv_type) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_clear_history_message(detail::text(conv_id), conv_type, done, data);
        });
    }

    /** tim_msg_cancel_send: Calls off a message that waits to be sent. */
    Call<void> msg_cancel_send(const std::string &conv_id, tim_conv_type conv_type, const std::string &message_id) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_cancel_send(detail::text(conv_id), conv_type, detail::text(message_id), done, data);
        });
    }

    /** tim_set_msg_revoke_callback: Sets the callback for messages that were taken back. One at a time; nullptr ends it. */
    void on_msg_revoke(std::function<void(const std::vector<MsgLocator> &)> f) {
        static auto &listener = *new detail::Listener<const std::vector<MsgLocator> &>();
        static constexpr tim_msg_revoke_callback told = [](const char *json_msg_revoke_info_array, const void *) { listener.tell(detail::told<std::vector<MsgLocator>>(json_msg_revoke_info_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_msg_revoke_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_msg_revoke_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_msg_update_callback: Sets the callback for messages that were changed. One at a time; nullptr ends it. */
    void on_msg_update(std::function<void(const std::vector<Message> &)> f) {
        static auto &listener = *new detail::Listener<const std::vector<Message> &>();
        static constexpr tim_msg_update_callback told = [](const char *json_msg_array, const void *) { listener.tell(detail::told<std::vector<Message>>(json_msg_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_msg_update_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_msg_update_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_msg_set_local_custom_data: Changes the app's own data beside a message, which stays on this device. */
    Call<void> msg_set_local_custom_data(const Message &json_msg_param) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_set_local_custom_data(to_json(json_msg_param).c_str(), done, data);
        });
    }

    /** tim_msg_find_messages: Gives messages by their ids, whatever their conversations. */
    Call<std::vector<Message>> msg_find_messages(const std::vector<std::string> &json_message_id_array) {
        return Call<std::vector<Message>>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_find_messages(to_json(json_message_id_array).c_str(), done, data);
        });
    }

    /** tim_msg_find_by_msg_locator_list: Gives messages of a conversation by their places in it. */
    Call<std::vector<Message>> msg_find_by_msg_locator_list(const std::string &conv_id, tim_conv_type conv_type, const std::vector<MsgLocator> &json_msg_locator_array) {
        return Call<std::vector<Message>>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_find_by_msg_locator_list(detail::text(conv_id), conv_type, to_json(json_msg_locator_array).c_str(), done, data);
        });
    }

    /** tim_msg_save_msg: Keeps a message on this device without sending it. */
    Call<Message> msg_save_msg(const std::string &conv_id, tim_conv_type conv_type, const Message &json_msg_param) {
        return Call<Message>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_save_msg(detail::text(conv_id), conv_type, to_json(json_msg_param).c_str(), done, data);
        });
    }

    /** tim_msg_import_msg_list: Keeps messages on this device without sending them, such as those from before another system. */
    Call<void> msg_import_msg_list(const std::string &conv_id, tim_conv_type conv_type, const std::vector<Message> &json_msg_array) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_import_msg_list(detail::text(conv_id), conv_type, to_json(json_msg_array).c_str(), done, data);
        });
    }

    /** tim_msg_set_c2c_receive_message_opt: Sets how messages of users reach this user. */
    Call<void> msg_set_c2c_receive_message_opt(const std::vector<std::string> &json_identifier_array, tim_receive_message_opt opt) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_set_c2c_receive_message_opt(to_json(json_identifier_array).c_str(), opt, done, data);
        });
    }

    /** tim_msg_get_c2c_receive_message_opt: Tells how messages of users reach this user. */
    Call<std::vector<GetC2CRecvMsgOptResult>> msg_get_c2c_receive_message_opt(const std::vector<std::string> &json_identifier_array) {
        return Call<std::vector<GetC2CRecvMsgOptResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_get_c2c_receive_message_opt(to_json(json_identifier_array).c_str(), done, data);
        });
    }

    /** tim_msg_set_all_receive_message_opt: Sets the receive option for all messages, with a quiet time by the clock. */
    Call<void> msg_set_all_receive_message_opt(tim_receive_message_opt opt, int32_t start_hour, int32_t start_minute, int32_t start_second, uint32_t duration) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_set_all_receive_message_opt(opt, start_hour, start_minute, start_second, duration, done, data);
        });
    }

    /** tim_msg_set_all_receive_message_opt2: Sets the receive option for all messages, with one quiet time. */
    Call<void> msg_set_all_receive_message_opt2(tim_receive_message_opt opt, uint32_t start_time_stamp, uint32_t duration) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_set_all_receive_message_opt2(opt, start_time_stamp, duration, done, data);
        });
    }

    /** tim_msg_get_all_receive_message_opt: Tells the receive option for all messages. */
    Call<ReceiveMessageOptInfo> msg_get_all_receive_message_opt() {
        return Call<ReceiveMessageOptInfo>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_get_all_receive_message_opt(done, data);
        });
    }

    /** tim_set_msg_all_message_receive_option_callback: Sets the callback for changes of the receive option for all messages. One at a time; nullptr ends it. */
    void on_msg_all_message_receive_option(std::function<void(const ReceiveMessageOptInfo &)> f) {
        static auto &listener = *new detail::Listener<const ReceiveMessageOptInfo &>();
        static constexpr tim_msg_all_message_receive_option_callback told = [](const char *json_receive_message_option_info, const void *) { listener.tell(detail::told<ReceiveMessageOptInfo>(json_receive_message_option_info)); };
        bool is_set = listener.set(std::move(f));
        tim_set_msg_all_message_receive_option_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_msg_all_message_receive_option_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_msg_search_local_messages: Searches the messages of this device. */
    Call<MessageSearchResult> msg_search_local_messages(const MessageSearchParam &json_search_message_param) {
        return Call<MessageSearchResult>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_search_local_messages(to_json(json_search_message_param).c_str(), done, data);
        });
    }

    /** tim_conv_get_conv_list: Gives all conversations: the pinned ones first, then those that a message or a draft moved last. */
    Call<std::vector<ConvInfo>> conv_get_conv_list() {
        return Call<std::vector<ConvInfo>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_get_conv_list(done, data);
        });
    }

    /** tim_conv_get_conv_info: Gives some conversations. */
    Call<std::vector<ConvInfo>> conv_get_conv_info(const std::vector<GetConversationListParam> &json_get_conv_list_param) {
        return Call<std::vector<ConvInfo>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_get_conv_info(to_json(json_get_conv_list_param).c_str(), done, data);
        });
    }

    /** tim_set_conv_event_callback: Sets who is told that conversations appeared, left or changed. One at a time; nullptr ends it. */
    void on_conv_event(std::function<void(tim_conv_event, const std::vector<ConvInfo> &)> f) {
        static auto &listener = *new detail::Listener<tim_conv_event, const std::vector<ConvInfo> &>();
        static constexpr tim_conv_event_callback told = [](tim_conv_event conv_event, const char *json_conv_array, const void *) { listener.tell(conv_event, detail::told<std::vector<ConvInfo>>(json_conv_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_event_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_event_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_conv_get_conversation_list_by_filter: Gives one page of the conversations that pass a filter, in the order of tim_conv_get_conv_list. */
    Call<ConversationListResult> conv_get_conversation_list_by_filter(const ConversationListFilter &filter, uint64_t next_seq, uint32_t count) {
        return Call<ConversationListResult>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_get_conversation_list_by_filter(to_json(filter).c_str(), next_seq, count, done, data);
        });
    }

    /** tim_conv_create: Gives a conversation, which enters the list on this device when it is not there. */
    Call<ConvInfo> conv_create(const std::string &conv_id, tim_conv_type conv_type) {
        return Call<ConvInfo>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_create(detail::text(conv_id), conv_type, done, data);
        });
    }

    /** tim_conv_get_total_unread_message_count: Counts the unread messages of all conversations together. */
    Call<GetTotalUnreadNumberResult> conv_get_total_unread_message_count() {
        return Call<GetTotalUnreadNumberResult>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_get_total_unread_message_count(done, data);
        });
    }

    /** tim_set_conv_total_unread_message_count_changed_callback: Sets who is told that the number of unread messages in all conversations together changed. One at a time; nullptr ends it. */
    void on_conv_total_unread_message_count_changed(std::function<void(int)> f) {
        static auto &listener = *new detail::Listener<int>();
        static constexpr tim_conv_total_unread_message_count_changed_callback told = [](int total_unread_count, const void *) { listener.tell(total_unread_count); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_total_unread_message_count_changed_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_total_unread_message_count_changed_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_conv_get_unread_message_count_by_filter: Counts the unread messages of the conversations that pass a filter. */
    Call<GetTotalUnreadNumberResult> conv_get_unread_message_count_by_filter(const ConversationListFilter &filter) {
        return Call<GetTotalUnreadNumberResult>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_get_unread_message_count_by_filter(to_json(filter).c_str(), done, data);
        });
    }

    /** tim_set_conv_unread_message_count_changed_by_filter_callback: Sets who is told that the number of unread messages that pass a filter changed. One at a time; nullptr ends it. */
    void on_conv_unread_message_count_changed_by_filter(std::function<void(const ConversationListFilter &, int)> f) {
        static auto &listener = *new detail::Listener<const ConversationListFilter &, int>();
        static constexpr tim_conv_total_unread_message_count_changed_by_filter_callback told = [](const char *filter, int total_unread_count, const void *) { listener.tell(detail::told<ConversationListFilter>(filter), total_unread_count); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_unread_message_count_changed_by_filter_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_unread_message_count_changed_by_filter_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_conv_clean_conversation_unread_message_count: Marks messages as read: of one conversation, of all of a type, or of all. */
    Call<void> conv_clean_conversation_unread_message_count(const std::optional<std::string> &conversation_id, uint64_t clean_timestamp, uint64_t clean_sequence) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_clean_conversation_unread_message_count(conversation_id ? detail::text(*conversation_id) : nullptr, clean_timestamp, clean_sequence, done, data);
        });
    }

    /** tim_conv_pin_conversation: Puts a conversation on top of the list, or back to its place. */
    Call<void> conv_pin_conversation(const std::string &conv_id, tim_conv_type conv_type, bool is_pinned) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_pin_conversation(detail::text(conv_id), conv_type, is_pinned, done, data);
        });
    }

    /** tim_conv_delete: Deletes a conversation with its messages. */
    Call<void> conv_delete(const std::string &conv_id, tim_conv_type conv_type) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_delete(detail::text(conv_id), conv_type, done, data);
        });
    }

    /** tim_conv_delete_conversation_list: Deletes conversations, with their messages or without. */
    Call<std::vector<ConversationOperationResult>> conv_delete_conversation_list(const std::vector<std::string> &conversation_id_array, bool clear_message) {
        return Call<std::vector<ConversationOperationResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_delete_conversation_list(to_json(conversation_id_array).c_str(), clear_message, done, data);
        });
    }

    /** tim_conv_mark_conversation: Sets marks on conversations, or takes them away. */
    Call<std::vector<ConversationOperationResult>> conv_mark_conversation(const std::vector<std::string> &conversation_id_array, uint64_t mark_type, bool enable_mark) {
        return Call<std::vector<ConversationOperationResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_mark_conversation(to_json(conversation_id_array).c_str(), mark_type, enable_mark, done, data);
        });
    }

    /** tim_conv_set_conversation_custom_data: Attaches a text of the app to conversations. */
    Call<std::vector<ConversationOperationResult>> conv_set_conversation_custom_data(const std::vector<std::string> &conversation_id_array, const std::optional<std::string> &custom_data = std::nullopt) {
        return Call<std::vector<ConversationOperationResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_set_conversation_custom_data(to_json(conversation_id_array).c_str(), custom_data ? detail::text(*custom_data) : nullptr, done, data);
        });
    }

    /** tim_conv_create_conversation_group: Creates a group of conversations. */
    Call<std::vector<ConversationOperationResult>> conv_create_conversation_group(const std::string &group_name, const std::vector<std::string> &conversation_id_array) {
        return Call<std::vector<ConversationOperationResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_create_conversation_group(detail::text(group_name), to_json(conversation_id_array).c_str(), done, data);
        });
    }

    /** tim_conv_get_conversation_group_list: Gives the names of the groups of conversations, in the order of creation. */
    Call<std::vector<std::string>> conv_get_conversation_group_list() {
        return Call<std::vector<std::string>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_get_conversation_group_list(done, data);
        });
    }

    /** tim_conv_delete_conversation_group: Deletes a group of conversations. The conversations stay. */
    Call<void> conv_delete_conversation_group(const std::string &group_name) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_delete_conversation_group(detail::text(group_name), done, data);
        });
    }

    /** tim_conv_rename_conversation_group: Gives a group of conversations another name. */
    Call<void> conv_rename_conversation_group(const std::string &old_name, const std::string &new_name) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_rename_conversation_group(detail::text(old_name), detail::text(new_name), done, data);
        });
    }

    /** tim_conv_add_conversations_to_group: Puts conversations into a group of conversations. */
    Call<std::vector<ConversationOperationResult>> conv_add_conversations_to_group(const std::string &group_name, const std::vector<std::string> &conversation_id_array) {
        return Call<std::vector<ConversationOperationResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_add_conversations_to_group(detail::text(group_name), to_json(conversation_id_array).c_str(), done, data);
        });
    }

    /** tim_conv_delete_conversations_from_group: Takes conversations out of a group of conversations. */
    Call<std::vector<ConversationOperationResult>> conv_delete_conversations_from_group(const std::string &group_name, const std::vector<std::string> &conversation_id_array) {
        return Call<std::vector<ConversationOperationResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_conv_delete_conversations_from_group(detail::text(group_name), to_json(conversation_id_array).c_str(), done, data);
        });
    }

    /** tim_set_conv_conversation_group_created_callback: Sets who is told that there is a new group of conversations. One at a time; nullptr ends it. */
    void on_conv_conversation_group_created(std::function<void(const std::string &, const std::vector<ConvInfo> &)> f) {
        static auto &listener = *new detail::Listener<const std::string &, const std::vector<ConvInfo> &>();
        static constexpr tim_conv_conversation_group_created_callback told = [](const char *group_name, const char *conversation_array, const void *) { listener.tell(std::string(group_name ? group_name : ""), detail::told<std::vector<ConvInfo>>(conversation_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_conversation_group_created_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_conversation_group_created_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_conv_conversation_group_deleted_callback: Sets who is told that a group of conversations is gone. One at a time; nullptr ends it. */
    void on_conv_conversation_group_deleted(std::function<void(const std::string &)> f) {
        static auto &listener = *new detail::Listener<const std::string &>();
        static constexpr tim_conv_conversation_group_deleted_callback told = [](const char *group_name, const void *) { listener.tell(std::string(group_name ? group_name : "")); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_conversation_group_deleted_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_conversation_group_deleted_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_conv_conversation_group_name_changed_callback: Sets who is told that a group of conversations has another name. One at a time; nullptr ends it. */
    void on_conv_conversation_group_name_changed(std::function<void(const std::string &, const std::string &)> f) {
        static auto &listener = *new detail::Listener<const std::string &, const std::string &>();
        static constexpr tim_conv_conversation_group_name_changed_callback told = [](const char *old_name, const char *new_name, const void *) { listener.tell(std::string(old_name ? old_name : ""), std::string(new_name ? new_name : "")); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_conversation_group_name_changed_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_conversation_group_name_changed_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_conv_conversations_added_to_group_callback: Sets who is told that conversations came into a group of conversations. One at a time; nullptr ends it. */
    void on_conv_conversations_added_to_group(std::function<void(const std::string &, const std::vector<ConvInfo> &)> f) {
        static auto &listener = *new detail::Listener<const std::string &, const std::vector<ConvInfo> &>();
        static constexpr tim_conv_conversations_added_to_group_callback told = [](const char *group_name, const char *conversation_array, const void *) { listener.tell(std::string(group_name ? group_name : ""), detail::told<std::vector<ConvInfo>>(conversation_array)); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_conversations_added_to_group_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_conversations_added_to_group_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_set_conv_conversations_deleted_from_group_callback: Sets who is told that conversations left a group of conversations. One at a time; nullptr ends it. */
    void on_conv_conversations_deleted_from_group(std::function<void(const std::string &, const std::vector<ConvInfo> &, uint32_t)> f) {
        static auto &listener = *new detail::Listener<const std::string &, const std::vector<ConvInfo> &, uint32_t>();
        static constexpr tim_conv_conversations_deleted_from_group_callback told = [](const char *group_name, const char *conversation_array, uint32_t reason, const void *) { listener.tell(std::string(group_name ? group_name : ""), detail::told<std::vector<ConvInfo>>(conversation_array), reason); };
        bool is_set = listener.set(std::move(f));
        tim_set_conv_conversations_deleted_from_group_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_conv_conversations_deleted_from_group_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_group_create: Creates a group, whose owner the user becomes. */
    Call<CreateGroupResult> group_create(const std::optional<CreateGroupParam> &json_group_create_param = std::nullopt) {
        return Call<CreateGroupResult>::make([&](tim_comm_callback done, const void *data) {
            return tim_group_create(json_group_create_param ? to_json(*json_group_create_param).c_str() : nullptr, done, data);
        });
    }

    /** tim_group_delete: Dissolves a group. */
    Call<void> group_delete(const std::string &group_id) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_group_delete(detail::text(group_id), done, data);
        });
    }

    /** tim_group_join: Comes into a group. */
    Call<void> group_join(const std::string &group_id, const std::optional<std::string> &hello_msg = std::nullopt) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_group_join(detail::text(group_id), hello_msg ? detail::text(*hello_msg) : nullptr, done, data);
        });
    }

    /** tim_group_quit: Leaves a group. */
    Call<void> group_quit(const std::string &group_id) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_group_quit(detail::text(group_id), done, data);
        });
    }

    /** tim_group_get_joined_group_list: The groups that the user is in, from the server. */
    Call<std::vector<GroupBaseInfo>> group_get_joined_group_list() {
        return Call<std::vector<GroupBaseInfo>>::make([&](tim_comm_callback done, const void *data) {
            return tim_group_get_joined_group_list(done, data);
        });
    }

    /** tim_group_get_member_info_list: Members of a group, a page of at most 100. */
    Call<GroupGetMemberInfoListResult> group_get_member_info_list(const GroupGetMemberInfoListParam &json_group_getmeminfos_param) {
        return Call<GroupGetMemberInfoListResult>::make([&](tim_comm_callback done, const void *data) {
            return tim_group_get_member_info_list(to_json(json_group_getmeminfos_param).c_str(), done, data);
        });
    }

    /** tim_group_invite_member: Brings users into a group. */
    Call<std::vector<GroupInviteMemberResult>> group_invite_member(const GroupInviteMemberParam &json_group_invite_param) {
        return Call<std::vector<GroupInviteMemberResult>>::make([&](tim_comm_callback done, const void *data) {
            return tim_group_invite_member(to_json(json_group_invite_param).c_str(), done, data);
        });
    }

    /** tim_call_experimental_api: Carries out an internal operation. */
    Call<Json> call_experimental_api(const Json &json_param) {
        return Call<Json>::make([&](tim_comm_callback done, const void *data) {
            return tim_call_experimental_api(to_json(json_param).c_str(), done, data);
        });
    }

    /** tim_set_experimental_notify_callback: Sets who is told of notices of internal operations. One at a time; nullptr ends it. */
    void on_experimental_notify(std::function<void(const std::string &, const std::string &)> f) {
        static auto &listener = *new detail::Listener<const std::string &, const std::string &>();
        static constexpr tim_experimental_notify_callback told = [](const char *key, const char *data, const void *) { listener.tell(std::string(key ? key : ""), std::string(data ? data : "")); };
        bool is_set = listener.set(std::move(f));
        tim_set_experimental_notify_callback(is_set ? told : nullptr, nullptr);
        at_end([] {
            tim_set_experimental_notify_callback(nullptr, nullptr);
            listener.set(nullptr);
        });
    }

    /** tim_msg_do_background: Tells that the app went to the background. */
    Call<void> msg_do_background(uint32_t unread_count) {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_do_background(unread_count, done, data);
        });
    }

    /** tim_msg_do_foreground: Tells that the app came to the foreground. */
    Call<void> msg_do_foreground() {
        return Call<void>::make([&](tim_comm_callback done, const void *data) {
            return tim_msg_do_foreground(done, data);
        });
    }

    // </methods>

private:
    /** A listener goes with the client that it was set by. */
    void at_end(void (*end)()) {
        std::lock_guard<std::mutex> lock(mutex_);
        ends_.push_back(end);
    }

    std::optional<Error> error_;
    std::mutex mutex_;
    std::vector<void (*)()> ends_;
};

/** Version of the library, such as "0.1.0". */
inline const char *sdk_version() { return tim_get_sdk_version(); }

#ifdef NLOHMANN_JSON_VERSION_MAJOR
/* With nlohmann-json included before this header, its objects and these structs become each other:
 * `nlohmann::json j = message; auto m = j.get<tim::Message>();` */
// <nlohmann>
inline void to_json(nlohmann::json &to, const SdkConfig &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, SdkConfig &to) { to = from_json<SdkConfig>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupGetInfoOption &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupGetInfoOption &to) { to = from_json<GroupGetInfoOption>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupMemberGetInfoOption &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupMemberGetInfoOption &to) { to = from_json<GroupMemberGetInfoOption>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const UserConfig &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, UserConfig &to) { to = from_json<UserConfig>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const HttpProxyInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, HttpProxyInfo &to) { to = from_json<HttpProxyInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const Socks5ProxyInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, Socks5ProxyInfo &to) { to = from_json<Socks5ProxyInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const PACProxyInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, PACProxyInfo &to) { to = from_json<PACProxyInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const SetConfig &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, SetConfig &to) { to = from_json<SetConfig>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const UserStatus &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, UserStatus &to) { to = from_json<UserStatus>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const FriendShipGetProfileListParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, FriendShipGetProfileListParam &to) { to = from_json<FriendShipGetProfileListParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const UserProfileCustomStringInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, UserProfileCustomStringInfo &to) { to = from_json<UserProfileCustomStringInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const UserProfile &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, UserProfile &to) { to = from_json<UserProfile>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const UserProfileItem &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, UserProfileItem &to) { to = from_json<UserProfileItem>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupTipGroupChangeInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupTipGroupChangeInfo &to) { to = from_json<GroupTipGroupChangeInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupTipMemberChangeInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupTipMemberChangeInfo &to) { to = from_json<GroupTipMemberChangeInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupMemberInfoCustomString &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupMemberInfoCustomString &to) { to = from_json<GroupMemberInfoCustomString>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupMemberInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupMemberInfo &to) { to = from_json<GroupMemberInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupTipMemberMarkChangeInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupTipMemberMarkChangeInfo &to) { to = from_json<GroupTipMemberMarkChangeInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const FriendAddPendency &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, FriendAddPendency &to) { to = from_json<FriendAddPendency>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const FriendProfileCustomStringInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, FriendProfileCustomStringInfo &to) { to = from_json<FriendProfileCustomStringInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const FriendProfileItem &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, FriendProfileItem &to) { to = from_json<FriendProfileItem>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const FriendProfileUpdate &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, FriendProfileUpdate &to) { to = from_json<FriendProfileUpdate>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const Elem &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, Elem &to) { to = from_json<Elem>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const IOSOfflinePushConfig &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, IOSOfflinePushConfig &to) { to = from_json<IOSOfflinePushConfig>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const AndroidOfflinePushConfig &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, AndroidOfflinePushConfig &to) { to = from_json<AndroidOfflinePushConfig>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const OfflinePushConfig &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, OfflinePushConfig &to) { to = from_json<OfflinePushConfig>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const Message &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, Message &to) { to = from_json<Message>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MsgGetMsgListParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MsgGetMsgListParam &to) { to = from_json<MsgGetMsgListParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MsgBatchSendParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MsgBatchSendParam &to) { to = from_json<MsgBatchSendParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MsgBatchSendResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MsgBatchSendResult &to) { to = from_json<MsgBatchSendResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MsgDeleteParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MsgDeleteParam &to) { to = from_json<MsgDeleteParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MsgLocator &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MsgLocator &to) { to = from_json<MsgLocator>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GetC2CRecvMsgOptResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GetC2CRecvMsgOptResult &to) { to = from_json<GetC2CRecvMsgOptResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const ReceiveMessageOptInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, ReceiveMessageOptInfo &to) { to = from_json<ReceiveMessageOptInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MessageSearchParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MessageSearchParam &to) { to = from_json<MessageSearchParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MessageSearchResultItem &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MessageSearchResultItem &to) { to = from_json<MessageSearchResultItem>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MessageSearchResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MessageSearchResult &to) { to = from_json<MessageSearchResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const Draft &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, Draft &to) { to = from_json<Draft>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupAtInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupAtInfo &to) { to = from_json<GroupAtInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const ConvInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, ConvInfo &to) { to = from_json<ConvInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GetConversationListParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GetConversationListParam &to) { to = from_json<GetConversationListParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const ConversationListFilter &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, ConversationListFilter &to) { to = from_json<ConversationListFilter>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const ConversationListResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, ConversationListResult &to) { to = from_json<ConversationListResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GetTotalUnreadNumberResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GetTotalUnreadNumberResult &to) { to = from_json<GetTotalUnreadNumberResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const ConversationOperationResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, ConversationOperationResult &to) { to = from_json<ConversationOperationResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupInfoCustomString &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupInfoCustomString &to) { to = from_json<GroupInfoCustomString>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const CreateGroupParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, CreateGroupParam &to) { to = from_json<CreateGroupParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const CreateGroupResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, CreateGroupResult &to) { to = from_json<CreateGroupResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupSelfInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupSelfInfo &to) { to = from_json<GroupSelfInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupBaseInfo &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupBaseInfo &to) { to = from_json<GroupBaseInfo>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupGetMemberInfoListParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupGetMemberInfoListParam &to) { to = from_json<GroupGetMemberInfoListParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupGetMemberInfoListResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupGetMemberInfoListResult &to) { to = from_json<GroupGetMemberInfoListResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupInviteMemberParam &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupInviteMemberParam &to) { to = from_json<GroupInviteMemberParam>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const GroupInviteMemberResult &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, GroupInviteMemberResult &to) { to = from_json<GroupInviteMemberResult>(from.dump()).value(); }
inline void to_json(nlohmann::json &to, const MessageReceipt &from) { to = nlohmann::json::parse(to_json(from)); }
inline void from_json(const nlohmann::json &from, MessageReceipt &to) { to = from_json<MessageReceipt>(from.dump()).value(); }
// </nlohmann>
#endif

}  // namespace tim

#endif /* TIM_HPP */
