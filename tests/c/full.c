/* Full to the brim. Alone: the table of calls that are accepted and not completed. With a server,
 * which tests/ffi.rs stops and starts at a word from here: the outbox. */
#include "common.h"

enum { CALLS = 20000, ROWS = 10000 };

/* How often each call was completed, and with what. */
static int times[CALLS + 1], codes[CALLS + 1], completed, is_held, is_inside;

static void on_done(int32_t code, const char *desc, const char *json, const void *data) {
    long call = (const int *)data - times;
    (void)desc, (void)json;
    CHECK(call >= 0 && call <= CALLS);
    pthread_mutex_lock(&lock);
    times[call]++;
    codes[call] = code;
    completed++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* In thread mode nothing but this keeps the library from completing calls. */
static void on_first(int32_t code, const char *desc, const char *json, const void *data) {
    pthread_mutex_lock(&lock);
    is_inside = 1;
    pthread_cond_broadcast(&changed);
    while (is_held) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    on_done(code, desc, json, data);
}

static void hold(int held) {
    pthread_mutex_lock(&lock);
    is_held = held;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Makes calls until one is refused. */
static void fill(void) {
    memset(times, 0, sizeof times);
    completed = is_inside = 0;
    hold(!polls());
    CHECK_INT(tim_logout(on_first, &times[0]), TIM_SUCC);
    if (!polls()) {
        await_count(&is_inside, 1);
    }
    for (int i = 1; i < CALLS; i++) {
        CHECK_INT(tim_logout(on_done, &times[i]), TIM_SUCC);
    }
    /* Whatever the call, with a callback and without. */
    for (int i = 0; i < 3; i++) {
        CHECK_INT(tim_logout(on_done, &times[CALLS]), TIM_ERR_QUEUE_FULL);
        CHECK_INT(tim_logout(NULL, NULL), TIM_ERR_QUEUE_FULL);
        CHECK_INT(tim_conv_get_conv_list(on_done, &times[CALLS]), TIM_ERR_QUEUE_FULL);
        CHECK_INT(tim_set_config("{\"set_config_log_level\":6}", on_done, &times[CALLS]),
                  TIM_ERR_QUEUE_FULL);
        CHECK_INT(tim_call_experimental_api("{}", on_done, &times[CALLS]), TIM_ERR_QUEUE_FULL);
    }
    CHECK_INT(read_int(&completed), 0);
}

static void each_once(void) {
    CHECK_INT(completed, CALLS);
    for (int i = 0; i < CALLS; i++) {
        CHECK_INT(times[i], 1);
        CHECK(codes[i] == TIM_SUCC || codes[i] == TIM_ERR_SDK_COMM_INTERRUPT);
    }
    CHECK_INT(times[CALLS], 0);
}

static void *let_go(void *unused) {
    (void)unused;
    usleep(100000);
    hold(0);
    return NULL;
}

static void calls(void) {
    struct outcome outcome = {0};
    pthread_t thread;
    init("");
    fill();
    hold(0);
    await_count(&completed, CALLS);
    /* There is room again. */
    CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    each_once();
    /* What was refused has not been taken. */
    outcome.calls = 0;
    CHECK_INT(tim_set_config("{}", on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    CHECK(strstr(outcome.json, "\"set_config_log_level\":3") != NULL);
    /* Uninit completes what the app never came to. */
    fill();
    CHECK(pthread_create(&thread, NULL, let_go, NULL) == 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    pthread_join(thread, NULL);
    each_once();
}

static void say(const char *word) {
    printf("%s\n", word);
    fflush(stdout);
    CHECK(getchar() == '\n');
}

static void rows(void) {
    static const char text[] =
        "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}";
    struct outcome outcome = {0}, after = {0};
    init("");
    login();
    say("in");
    for (int i = 0; i < ROWS; i++) {
        CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, on_done, &times[i]), TIM_SUCC);
    }
    CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    CHECK_INT(outcome.code, TIM_ERR_OUTBOX_FULL);
    CHECK_INT(read_int(&completed), 0);
    say("full");
    await_count(&completed, ROWS);
    for (int i = 0; i < ROWS; i++) {
        CHECK_INT(times[i], 1);
        CHECK_INT(codes[i], TIM_SUCC);
    }
    CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, on_outcome, expect(&after)), TIM_SUCC);
    await(&after);
    CHECK_INT(after.code, TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(completed, ROWS);
}

int main(void) {
    is_online() ? rows() : calls();
    return 0;
}
