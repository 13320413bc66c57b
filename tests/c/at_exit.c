/* The end of libtim among the last things that a process does, as from the destructor of a static object
 * in C++: what waits is completed, and nothing is said on stderr. */
#include "common.h"

static struct outcome last;

static void end(void) {
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(last.calls, 1);
    CHECK_INT(last.code, TIM_ERR_SDK_COMM_INTERRUPT);
    init("");
    CHECK_INT(tim_uninit(), TIM_SUCC);
    puts("ended");
}

int main(void) {
    CHECK(atexit(end) == 0);
    init(mute_server());
    /* A callback has run on this thread, if callbacks run on it. */
    struct outcome early = {0};
    CHECK_INT(tim_logout(on_outcome, expect(&early)), TIM_SUCC);
    await(&early);
    CHECK_INT(tim_login("alice", setting("TIM_TEST_SIG", ""), on_outcome, expect(&last)), TIM_SUCC);
    return 0;
}
