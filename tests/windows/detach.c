/* A DLL that stops libtim when the process ends, as global objects of C++ do: see leave.c. */
#include <windows.h>

#include "tim.h"

static int is_wanted;

__declspec(dllexport) void tim_test_detach(void) { is_wanted = 1; }

static volatile LONG refusals;

static void refused(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    refusals += code == TIM_ERR_SDK_NOT_INITIALIZED;
}

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID process_ends) {
    (void)library;
    if (reason == DLL_PROCESS_DETACH && process_ends != NULL && is_wanted) {
        /* A thread that was killed may hold a lock that these would need. */
        int code = tim_logout(refused, NULL);
        if (code != 0 || refusals != 1 || tim_uninit() != TIM_ERR_SDKUNINIT) {
            TerminateProcess(GetCurrentProcess(), 7);
        }
    }
    return TRUE;
}
