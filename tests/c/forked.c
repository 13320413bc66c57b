/* A child after fork: every call is refused at once, and the parent goes on. */
#include <signal.h>
#include <sys/wait.h>

#include "common.h"

int main(void) {
    int well[2];
    char word = 0;
    CHECK(pipe(well) == 0);
    init("");
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        struct outcome outcome = {0};
        char buffer[128];
        alarm(10);
        CHECK_INT(tim_conv_get_conv_list(on_outcome, expect(&outcome)), TIM_SUCC);
        CHECK_INT(outcome.calls, 1);
        CHECK_INT(outcome.code, TIM_ERR_SDK_NOT_INITIALIZED);
        CHECK_INT(tim_logout(NULL, NULL), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_set_config("{}", on_outcome, expect(&outcome)), TIM_SUCC);
        CHECK_INT(outcome.code, TIM_ERR_SDK_NOT_INITIALIZED);
        outcome.code = 0;
        CHECK_INT(tim_call_experimental_api("{}", on_outcome, expect(&outcome)), TIM_SUCC);
        CHECK_INT(outcome.code, TIM_ERR_SDK_NOT_INITIALIZED);
        CHECK_INT(outcome.calls, 3);
        CHECK_INT(tim_init(1, NULL), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_uninit(), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_poll(0, -1), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_poll_fd(), -1);
        CHECK_INT(tim_suspend(), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_resume(), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_notify_network_changed(), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_get_login_user_id(buffer), TIM_ERR_SDKUNINIT);
        CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
        CHECK(tim_get_server_time() > 0);
        tim_set_log_callback(NULL, NULL);
        CHECK(write(well[1], "k", 1) == 1);
        /* Not an exit: what the missing threads own would look like a leak to valgrind. */
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status));
    close(well[1]);
    CHECK(read(well[0], &word, 1) == 1 && word == 'k');
    struct outcome outcome = {0};
    CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    CHECK_INT(outcome.code, TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    return 0;
}
