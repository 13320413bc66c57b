/* The ways in which a process may end, with calls open and callbacks running: exit code 0, soon.
 *
 *   leave exit|return|quick
 *
 * Together with detach.c, a DLL that calls libtim when the process ends, as global objects do: then
 * all other threads are dead already. */
#include "common.h"

void tim_test_detach(void);

static void again(int32_t code, const char *desc, const char *json, const void *data) {
    (void)code, (void)desc, (void)json, (void)data;
    tim_conv_get_conv_list(again, NULL);
}

static void keep_busy(void) {
    init("leave", "thread");
    for (int i = 0; i < 50; i++) {
        CHECK_INT(tim_login(setting("TIM_USER"), setting("TIM_USER_SIG"), NULL, NULL), TIM_SUCC);
        tim_conv_get_conv_list(again, NULL);
    }
    Sleep(20);
}

int main(int argc, char **argv) {
    CHECK_INT(argc, 2);
    tim_test_detach();
    keep_busy();
    if (strcmp(argv[1], "exit") == 0) {
        exit(0);
    }
    if (strcmp(argv[1], "quick") == 0) {
        ExitProcess(0);
    }
    return 0;
}
