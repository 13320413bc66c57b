/* bcryptprimitives.dll for Wine 8, which has none: the one function of it that Rust's standard
 * library takes its random numbers from. For tests only; Windows has the real one. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) {
    return SystemFunction036(bytes, (ULONG)count);
}
