/* A process that is killed with messages in its outbox, and the one after it. The first word says
 * which: "send" waits to be killed, "rival" finds the first one's file in use, "again" logs in once
 * more and waits until all has gone out. Lines on stdout tell tests/ffi.rs how far it has come. */
#include "common.h"

static void say(const char *word) {
    printf("%s\n", word);
    fflush(stdout);
}

static void send_three(void) {
    static const char *const texts[] = {"one", "two", "three"};
    char json[256];
    for (int i = 0; i < 3; i++) {
        snprintf(json, sizeof json,
                 "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"%s\"}]}", texts[i]);
        CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, json, NULL, NULL, NULL), TIM_SUCC);
    }
    /* Answers come after the commit: when this one is there, the three are stored. */
    struct outcome outcome = {0};
    CHECK_INT(tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{}", on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    CHECK_INT(outcome.code, TIM_SUCC);
    CHECK(strstr(outcome.json, "\"three\"") != NULL);
}

/* Whether all three have reached the server. */
static int all_sent(void) {
    struct outcome outcome = {0};
    CHECK_INT(tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{}", on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    CHECK_INT(outcome.code, TIM_SUCC);
    int sent = 0;
    for (const char *at = outcome.json; (at = strstr(at, "\"message_status\":2")) != NULL; at++) {
        sent++;
    }
    return sent == 3;
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    init("");
    if (strcmp(argv[1], "rival") == 0) {
        struct outcome outcome = {0};
        CHECK_INT(tim_login("alice", setting("TIM_TEST_SIG", ""), on_outcome, expect(&outcome)), TIM_SUCC);
        await(&outcome);
        CHECK_INT(outcome.code, TIM_ERR_DB_IN_USE);
        return tim_uninit();
    }
    login();
    if (strcmp(argv[1], "send") == 0) {
        say("in");
        /* The server is stopped, then a line comes. */
        CHECK(getchar() == '\n');
        send_three();
        say("stored");
        for (;;) {
            pause();
        }
    }
    double end = now() + 60;
    while (!all_sent()) {
        CHECK(now() < end);
        usleep(20000);
    }
    return tim_uninit();
}
