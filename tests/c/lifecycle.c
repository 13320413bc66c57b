/* Init and uninit: repeated, twice, with calls pending, from inside callbacks. */
#include "common.h"

static int interrupted, done, inside, again;

static void on_interrupted(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json;
    CHECK_INT(code, TIM_ERR_SDK_COMM_INTERRUPT);
    CHECK(data == &interrupted);
    pthread_mutex_lock(&lock);
    interrupted++;
    pthread_mutex_unlock(&lock);
    /* Calls from here are refused before they return. */
    struct outcome outcome = {0};
    CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
    CHECK_INT(outcome.calls, 1);
    CHECK_INT(outcome.code, TIM_ERR_SDK_NOT_INITIALIZED);
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    CHECK_INT(tim_uninit(), TIM_SUCC);
}

static void repeated(void) {
    char other[4096];
    for (int i = 0; i < 100; i++) {
        struct outcome outcome = {0};
        init("");
        CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
        if (i % 2 == 0) {
            await(&outcome);
            CHECK_INT(outcome.code, TIM_SUCC);
        }
        CHECK_INT(tim_uninit(), TIM_SUCC);
        CHECK_INT(outcome.calls, 1);
    }
    init("");
    init("");
    CHECK_INT(tim_init(app() + 1, config("")), TIM_ERR_PARAM);
    snprintf(other, sizeof other, "%s", config(",\"sdk_config_login_timeout_ms\":77"));
    CHECK_INT(tim_init(app(), other), TIM_ERR_PARAM);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
}

/* A thousand logins that wait for a server that says nothing. */
static void pending(const char *url) {
    const char *sig = setting("TIM_TEST_SIG", "");
    init(url);
    for (int i = 0; i < 1000; i++) {
        CHECK_INT(tim_login("alice", sig, on_interrupted, &interrupted), TIM_SUCC);
        CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_LOGINING);
    }
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(interrupted, 1000);
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
}

static void leave(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    CHECK_INT(code, TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    struct outcome outcome = {0};
    CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
    CHECK_INT(outcome.code, TIM_ERR_SDK_NOT_INITIALIZED);
    CHECK_INT(tim_poll(0, 0), TIM_ERR_SDKUNINIT);
    pthread_mutex_lock(&lock);
    inside++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void return_again(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json;
    CHECK_INT(code, TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(tim_init(app(), data), TIM_SUCC);
    pthread_mutex_lock(&lock);
    again++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_done(int32_t code, const char *desc, const char *json, const void *data) {
    (void)code, (void)desc, (void)json, (void)data;
    pthread_mutex_lock(&lock);
    done++;
    pthread_mutex_unlock(&lock);
}

/* Uninit in a callback, with more calls behind it. */
static void from_inside(const char *url) {
    const char *sig = setting("TIM_TEST_SIG", "");
    init(url);
    CHECK_INT(tim_logout(leave, NULL), TIM_SUCC);
    int accepted = 0;
    for (int i = 0; i < 100; i++) {
        accepted += tim_login("alice", sig, on_done, NULL) == TIM_SUCC;
    }
    await_count(&inside, 1);
    /* Another uninit waits for the end of the first. */
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(accepted, 100);
    CHECK_INT(done, 100);
    init(url);
    CHECK_INT(tim_uninit(), TIM_SUCC);
}

/* Uninit and init in a callback: initialised when the callback has returned. */
static void in_and_out(void) {
    char text[4096];
    snprintf(text, sizeof text, "%s", config(""));
    for (int i = 1; i <= 5; i++) {
        CHECK_INT(tim_init(app(), text), TIM_SUCC);
        CHECK_INT(tim_logout(return_again, text), TIM_SUCC);
        await_count(&again, i);
        /* Waits for it, and finds it the same. */
        CHECK_INT(tim_init(app(), text), TIM_SUCC);
        struct outcome outcome = {0};
        CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
        await(&outcome);
        CHECK_INT(outcome.code, TIM_SUCC);
        CHECK_INT(tim_uninit(), TIM_SUCC);
    }
}

static void chain(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json;
    int *left = (int *)data;
    CHECK_INT(code, TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED);
    pthread_mutex_lock(&lock);
    int more = --*left > 0;
    done++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (more) {
        CHECK_INT(tim_login("alice", "garbage", chain, left), TIM_SUCC);
    }
}

/* Each login from inside the callback of the one before. */
static void login_from_inside(void) {
    int left = 100;
    done = 0;
    init("");
    CHECK_INT(tim_login("alice", "garbage", chain, &left), TIM_SUCC);
    await_count(&done, 100);
    CHECK_INT(tim_uninit(), TIM_SUCC);
}

/* What the log callback is told while an init fails, on this very thread: it may try again. */
static int told_start, told_failure;

static void on_failing(tim_log_level level, const char *line, const void *data) {
    const char *other = data;
    CHECK_INT(tim_msg_send_message(NULL, TIM_CONV_C2C, "{}", NULL, NULL, NULL), TIM_ERR_SDKUNINIT);
    if (strstr(line, " starts for app ") != NULL) {
        told_start++;
        CHECK_INT(tim_uninit(), TIM_SUCC);
        CHECK_INT(tim_init(app(), other), TIM_ERR_PARAM);
    }
    if (level == TIM_LOG_ERROR && strstr(line, " tim_init: ") != NULL) {
        told_failure++;
        tim_set_log_callback(NULL, NULL);
        CHECK_INT(tim_uninit(), TIM_SUCC);
        CHECK_INT(tim_init(app(), other), TIM_SUCC);
    }
}

static void failing(void) {
    char good[4096], bad[2][4096], stats[8192];
    CHECK_INT(tim_init(0, NULL), TIM_ERR_PARAM);
    CHECK(tim_get_stats(stats, sizeof stats) > 0 && strstr(stats, "app id must not be 0") != NULL);
    CHECK_INT(tim_init(app(), "[]"), TIM_ERR_JSON);
    CHECK(tim_get_stats(stats, sizeof stats) > 0 && strstr(stats, "not a JSON object") != NULL);
    snprintf(good, sizeof good, "%s", config(""));
    snprintf(bad[0], sizeof bad[0], "%s", config(",\"sdk_config_server_ca_file\":\"/nowhere.pem\""));
    snprintf(bad[1], sizeof bad[1], "%s", config(",\"sdk_config_server_url\":\"wss://me:pw@a\""));
    for (int i = 0; i < 2; i++) {
        told_failure = 0;
        tim_set_log_callback(on_failing, good);
        CHECK_INT(tim_init(app(), bad[i]), TIM_ERR_PARAM);
        CHECK_INT(told_failure, 1);
        /* The one from the callback is there. */
        CHECK_INT(tim_init(app(), good), TIM_SUCC);
        CHECK_INT(tim_uninit(), TIM_SUCC);
    }
    CHECK_INT(told_start, 1);
}

/* Threads that call while another starts and stops: every accepted call is completed. */
static int stop, accepted, completed;

static void on_any(int32_t code, const char *desc, const char *json, const void *data) {
    (void)code, (void)desc, (void)json, (void)data;
    __atomic_add_fetch(&completed, 1, __ATOMIC_SEQ_CST);
}

static void *caller(void *unused) {
    (void)unused;
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        int code = tim_conv_get_conv_list(on_any, NULL);
        if (code == TIM_SUCC) {
            __atomic_add_fetch(&accepted, 1, __ATOMIC_SEQ_CST);
        }
        tim_get_login_status();
        usleep(20);
    }
    return NULL;
}

static void raced(void) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&threads[i], NULL, caller, NULL) == 0);
    }
    for (int i = 0; i < 30; i++) {
        init("");
        usleep(1000);
        CHECK_INT(tim_uninit(), TIM_SUCC);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    CHECK_INT(completed, accepted);
}

int main(void) {
    char url[256];
    snprintf(url, sizeof url, "%s", mute_server());
    repeated();
    pending(url);
    from_inside(url);
    in_and_out();
    login_from_inside();
    failing();
    raced();
    return 0;
}
