/* LoadLibrary, use, FreeLibrary, and again: the library stays where it is. */
#include "common.h"

int main(void) {
    for (int i = 0; i < 10; i++) {
        HMODULE library = LoadLibraryA("tim.dll");
        CHECK(library != NULL);
        int (*init)(uint64_t, const char *) =
            (int (*)(uint64_t, const char *))(void *)GetProcAddress(library, "tim_init");
        int (*uninit)(void) = (int (*)(void))(void *)GetProcAddress(library, "tim_uninit");
        CHECK(init != NULL && uninit != NULL);
        CHECK_INT(init(1, config("library", "")), 0);
        /* Once without uninit: its threads go on in memory that must still be there. */
        if (i < 9) {
            CHECK_INT(uninit(), 0);
        }
        CHECK(FreeLibrary(library));
        CHECK(GetModuleHandleA("tim.dll") != NULL);
    }
    Sleep(100);
    return 0;
}
