/* The process may end at any moment, with threads at work and callbacks running. */
#include "common.h"

static void again(int32_t code, const char *desc, const char *json, const void *data) {
    (void)code, (void)desc, (void)json, (void)data;
    tim_conv_get_conv_list(again, NULL);
}

int main(void) {
    init(mute_server());
    for (int i = 0; i < 50; i++) {
        tim_conv_get_conv_list(again, NULL);
        tim_login("alice", setting("TIM_TEST_SIG", ""), on_outcome, NULL);
    }
    tim_poll(10, 10);
    usleep(20000);
    exit(0);
}
