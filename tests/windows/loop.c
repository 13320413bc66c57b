/* Callbacks on the main thread, in its message loop. Built twice: as a program without a console,
 * where tim_init finds that out by itself, and as one with a console, where a window tells it, or
 * the config. */
#include "common.h"

static DWORD main_thread;
static volatile LONG echoes;
static LONG deepest, depth;

static void on_message(const char *json, const void *data) {
    (void)json, (void)data;
    CHECK_INT(GetCurrentThreadId(), main_thread);
    depth++;
    deepest = depth > deepest ? depth : deepest;
    if (echoes == 0) {
        /* A dialog: messages are dispatched in here, but no other callback runs. */
        volatile LONG never = 0;
        pump(&never, 1, 300);
    }
    depth--;
    InterlockedIncrement(&echoes);
}

static void call(struct outcome *outcome, int accepted) {
    CHECK_INT(accepted, TIM_SUCC);
    CHECK(pump(&outcome->calls, 1, LONG_TIME));
    CHECK_INT(outcome->code, 0);
    CHECK_INT(outcome->thread, main_thread);
}

static void login(void) {
    struct outcome outcome = {0};
    call(&outcome, tim_login(setting("TIM_USER"), setting("TIM_USER_SIG"), on_outcome, &outcome));
}

static void say(const char *words) {
    struct outcome outcome = {0};
    char message[512];
    snprintf(message, sizeof message,
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"%s\"}]}", words);
    call(&outcome, tim_msg_send_message(setting("TIM_BOT"), TIM_CONV_C2C, message, NULL, on_outcome, &outcome));
}

static void uninit_inside(int32_t code, const char *desc, const char *json, const void *data) {
    (void)code, (void)desc, (void)json;
    CHECK_INT(GetCurrentThreadId(), main_thread);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    InterlockedIncrement((volatile LONG *)data);
}

static const char *mode = "";

/* It is carried out when this returns, on this thread again. */
static void begin_anew(int32_t code, const char *desc, const char *json, const void *data) {
    uninit_inside(code, desc, json, data);
    init("loop", mode);
}

static DWORD WINAPI uninit_elsewhere(void *data) {
    (void)data;
    return (DWORD)tim_uninit();
}

/* From a thread of its own it takes nothing from the loop. */
static DWORD WINAPI init_elsewhere(void *data) {
    struct outcome outcome = {0};
    (void)data;
    init("elsewhere", "");
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    CHECK_INT(tim_logout(on_outcome, &outcome), TIM_SUCC);
    CHECK(sleep_until(&outcome.calls, 1, LONG_TIME));
    CHECK(outcome.thread != main_thread);
    CHECK(outcome.thread != GetCurrentThreadId());
    return (DWORD)tim_uninit();
}

static void ask_for_window(int32_t code, const char *desc, const char *json, const void *data) {
    (void)code, (void)desc, (void)json;
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(tim_init(1, config("never", "window")), TIM_ERR_PARAM);
    InterlockedIncrement((volatile LONG *)data);
}

/* A thread of libtim has no message loop, and is about to end. */
static DWORD WINAPI never_a_window(void *data) {
    volatile LONG asked = 0;
    (void)data;
    init("elsewhere", "thread");
    CHECK_INT(tim_logout(ask_for_window, (void *)&asked), TIM_SUCC);
    CHECK(sleep_until(&asked, 1, LONG_TIME));
    return (DWORD)tim_uninit();
}

static void on_thread(LPTHREAD_START_ROUTINE start) {
    DWORD code = 1;
    HANDLE thread = CreateThread(NULL, 0, start, NULL, 0, NULL);
    CHECK(thread != NULL);
    CHECK_INT(WaitForSingleObject(thread, LONG_TIME), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_INT(code, 0);
    CloseHandle(thread);
}

int main(int argc, char **argv) {
    struct outcome outcome = {0};
    volatile LONG uninits = 0;
    HWND window = NULL;

    main_thread = GetCurrentThreadId();
    mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "own-window") == 0) {
        mode = "";
        window = CreateWindowExA(0, "STATIC", "app", 0, 0, 0, 10, 10, NULL, NULL, NULL, NULL);
        CHECK(window != NULL);
    }
    tim_add_recv_new_msg_callback(on_message, NULL);
    init("loop", mode);
    CHECK_INT(tim_poll(0, 0), -TIM_ERR_NOT_SUPPORTED);
    CHECK_INT(tim_poll_fd(), -1);

    /* Nothing runs but in the loop. */
    CHECK_INT(tim_logout(on_outcome, &outcome), TIM_SUCC);
    CHECK(!sleep_until(&outcome.calls, 1, 100));
    CHECK(pump(&outcome.calls, 1, LONG_TIME));
    CHECK_INT(outcome.thread, main_thread);

    login();
    say("send 500");
    CHECK(pump(&echoes, 1, LONG_TIME));
    CHECK_INT(deepest, 1);

    /* Inside a callback; what is called then is answered on this thread, and init works again. */
    CHECK_INT(tim_logout(uninit_inside, (void *)&uninits), TIM_SUCC);
    CHECK(pump(&uninits, 1, LONG_TIME));
    memset(&outcome, 0, sizeof outcome);
    CHECK_INT(tim_logout(on_outcome, &outcome), TIM_SUCC);
    CHECK_INT(outcome.calls, 1);
    CHECK_INT(outcome.code, TIM_ERR_SDK_NOT_INITIALIZED);
    init("loop", mode);
    login();
    CHECK_INT(tim_logout(begin_anew, (void *)&uninits), TIM_SUCC);
    CHECK(pump(&uninits, 2, LONG_TIME));
    login();

    /* By another thread: what is open is completed there, while this one waits. */
    memset(&outcome, 0, sizeof outcome);
    CHECK_INT(tim_logout(on_outcome, &outcome), TIM_SUCC);
    on_thread(uninit_elsewhere);
    CHECK_INT(outcome.calls, 1);
    on_thread(init_elsewhere);
    on_thread(never_a_window);

    /* On this one. */
    memset(&outcome, 0, sizeof outcome);
    init("loop", mode);
    CHECK_INT(tim_logout(on_outcome, &outcome), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(outcome.calls, 1);
    CHECK_INT(outcome.thread, main_thread);
    if (window != NULL) {
        DestroyWindow(window);
    }
    return 0;
}
