/* What bindings/scenarios.txt lists, in C. Standard C99 but for the clock, so that it runs wherever
 * libtim does. Callbacks run inside tim_poll, so one thread does everything. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "tim.h"

#define TEXT 4096
#define PAGE 64

static const char *doing = "";

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", doing);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

#define CHECK(what) ((what) ? (void)0 : fail("line %d: not true: %s", __LINE__, #what))
#define CHECK_INT(is, wanted) check_int(__LINE__, #is, is, wanted)
#define CHECK_TEXT(is, wanted) check_text(__LINE__, is, wanted)

static void check_int(int line, const char *what, long is, long wanted) {
    if (is != wanted) fail("line %d: %s is %ld and should be %ld", line, what, is, wanted);
}

static void check_text(int line, const char *is, const char *wanted) {
    if (strcmp(is, wanted) != 0) fail("line %d: is \"%s\" and should be \"%s\"", line, is, wanted);
}

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (!value) fail("%s is not set", name);
    return value;
}

/* ---- calls ---- */

/* What a completion was told. Its JSON is read where it comes, since it may be long. */
struct outcome {
    int calls;
    int code;
    char desc[512];
    void (*read)(const char *json, struct outcome *outcome);
    int count;
    int number;
    char text[TEXT];
    int texts[PAGE]; /* texts of messages, which are numbers */
};

static void on_complete(int32_t code, const char *desc, const char *json, const void *data) {
    struct outcome *outcome = (struct outcome *)data;
    outcome->calls++;
    outcome->code = code;
    snprintf(outcome->desc, sizeof outcome->desc, "%s", desc);
    if (code == 0 && outcome->read) outcome->read(json, outcome);
}

/* Lets callbacks run until there were so many calls of something; a minute without one is too long. */
static void await(const int *calls, int wanted) {
    time_t end = time(NULL) + 60;
    while (*calls < wanted) {
        int before = *calls;
        if (time(NULL) > end) fail("waited in vain: %d of %d", *calls, wanted);
        CHECK(tim_poll(0, 100) >= 0);
        if (*calls != before) end = time(NULL) + 60;
    }
}

/* The code that a call is completed with. */
#define CODE(outcome, call) (CHECK_INT(call, TIM_SUCC), await(&(outcome).calls, 1), (outcome).code)

static const char *config(void) {
    static char text[2 * TEXT], quoted[2048];
    json_quote(setting("TIM_DIR"), quoted, sizeof quoted);
    snprintf(text, sizeof text,
             "{\"sdk_config_config_file_path\":%s,\"sdk_config_log_file_path\":%s,"
             "\"sdk_config_callback_mode\":\"poll\"}",
             quoted, quoted);
    return text;
}

static void init(void) {
    CHECK_INT(tim_init(strtoull(setting("TIM_APP_ID"), NULL, 10), config()), TIM_SUCC);
}

static int login_code(const char *user, const char *ticket) {
    struct outcome outcome = {0};
    int code = CODE(outcome, tim_login(user, ticket, on_complete, &outcome));
    CHECK((code != 0) == (outcome.desc[0] != '\0'));
    return code;
}

static void login(void) { CHECK_INT(login_code(setting("TIM_USER"), setting("TIM_USER_SIG")), 0); }

static void logout(void) {
    struct outcome outcome = {0};
    CHECK_INT(CODE(outcome, tim_logout(on_complete, &outcome)), 0);
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
}

static void start(void) {
    init();
    login();
}

/* ---- messages ---- */

static const char *text_of(const char *message, char *text, size_t size) {
    const char *elem = json_next(json_get(message, "message_elem_array"), NULL);
    return json_text(json_get(elem, "text_elem_content"), text, size);
}

static void read_sent(const char *json, struct outcome *outcome) {
    outcome->number = (int)json_int(json_get(json, "message_status"));
    json_text(json_get(json, "message_msg_id"), outcome->text, sizeof outcome->text);
}

static void start_sending(const char *words, struct outcome *outcome) {
    char quoted[2048], message[TEXT], id[128];
    json_quote(words, quoted, sizeof quoted);
    snprintf(message, sizeof message,
             "{\"message_elem_array\":[{\"elem_type\":%d,\"text_elem_content\":%s}]}", TIM_ELEM_TEXT,
             quoted);
    int code = tim_msg_send_message(setting("TIM_BOT"), TIM_CONV_C2C, message, id, on_complete, outcome);
    CHECK_INT(code, TIM_SUCC);
    CHECK(id[0] != '\0');
}

static void send_text(const char *words) {
    struct outcome outcome = {0};
    outcome.read = read_sent;
    start_sending(words, &outcome);
    await(&outcome.calls, 1);
    CHECK_INT(outcome.code, 0);
    CHECK_INT(outcome.number, TIM_MSG_SEND_SUCC);
    CHECK(outcome.text[0] != '\0');
}

/* What comes from the bot. */
static struct {
    int count;
    int is_in_order; /* the texts are "1", "2" … */
    char last[TEXT];
    void (*then)(void);
} news;

static void on_messages(const char *messages, const void *data) {
    const char *message = NULL;
    char sender[64], number[16];
    (void)data;
    while ((message = json_next(messages, message))) {
        json_text(json_get(message, "message_sender"), sender, sizeof sender);
        CHECK_TEXT(sender, setting("TIM_BOT"));
        text_of(message, news.last, sizeof news.last);
        news.count++;
        snprintf(number, sizeof number, "%d", news.count);
        news.is_in_order &= strcmp(news.last, number) == 0;
        if (news.then) news.then();
    }
}

static void listen_for_messages(void) {
    news.count = 0;
    news.is_in_order = 1;
    tim_add_recv_new_msg_callback(on_messages, NULL);
}

static void asks(const char *words, const char *answer) {
    int before = news.count;
    send_text(words);
    await(&news.count, before + 1);
    CHECK_TEXT(news.last, answer);
}

/* Numbers, newest first; the JSON of the oldest stays in text. */
static void read_page(const char *json, struct outcome *outcome) {
    const char *message = NULL;
    char words[64];
    while ((message = json_next(json, message))) {
        CHECK(outcome->count < PAGE);
        outcome->texts[outcome->count++] = atoi(text_of(message, words, sizeof words));
        size_t size = (size_t)(json_skip(message) - message);
        CHECK(size < sizeof outcome->text);
        memcpy(outcome->text, message, size);
        outcome->text[size] = '\0';
    }
}

static struct outcome history(int count, const char *last) {
    static char param[2 * TEXT];
    struct outcome page = {0};
    page.read = read_page;
    snprintf(param, sizeof param, "{\"msg_getmsglist_param_count\":%d%s%s}", count,
             last ? ",\"msg_getmsglist_param_last_msg\":" : "", last ? last : "");
    int code =
        CODE(page, tim_msg_get_msg_list(setting("TIM_BOT"), TIM_CONV_C2C, param, on_complete, &page));
    CHECK_INT(code, 0);
    return page;
}

/* How many conversations there are; of the first, how much is unread, and its last text. */
static void read_conversations(const char *json, struct outcome *outcome) {
    const char *conversation = NULL;
    while ((conversation = json_next(json, conversation))) {
        if (outcome->count++ > 0) continue;
        outcome->number = (int)json_int(json_get(conversation, "conv_unread_num"));
        text_of(json_get(conversation, "conv_last_msg"), outcome->text, sizeof outcome->text);
    }
}

static struct outcome conversations(void) {
    struct outcome outcome = {0};
    outcome.read = read_conversations;
    CHECK_INT(CODE(outcome, tim_conv_get_conv_list(on_complete, &outcome)), 0);
    return outcome;
}

/* ---- the scenarios ---- */

static void read_unread(const char *json, struct outcome *outcome) {
    const char *count = json_get(json, "conv_get_total_unread_message_count_result_unread_count");
    outcome->number = count ? (int)json_int(count) : -1;
}

static void scenario_login(void) {
    char user[128];
    for (int time = 0; time < 2; time++) {
        struct outcome outcome = {0};
        start();
        CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_LOGINED);
        CHECK_INT(tim_get_login_user_id(user), TIM_SUCC);
        CHECK_TEXT(user, setting("TIM_USER"));
        outcome.read = read_unread;
        CHECK_INT(CODE(outcome, tim_conv_get_total_unread_message_count(on_complete, &outcome)), 0);
        CHECK_INT(outcome.number, 0);
        logout();
        CHECK_INT(tim_uninit(), TIM_SUCC);
    }
}

static void scenario_refused_ticket(void) {
    init();
    CHECK_INT(login_code(setting("TIM_USER"), setting("TIM_EXPIRED_SIG")), TIM_ERR_USER_SIG_EXPIRED);
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    login();
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_LOGINED);
}

static void scenario_chat(void) {
    struct outcome read = {0};
    listen_for_messages();
    start();
    asks("echo hello", "hello");
    int code = CODE(read, tim_msg_report_readed(setting("TIM_BOT"), TIM_CONV_C2C, NULL, on_complete, &read));
    CHECK_INT(code, 0);
    struct outcome list = conversations();
    CHECK_INT(list.count, 1);
    CHECK_INT(list.number, 0);
    CHECK_TEXT(list.text, "hello");
}

static void scenario_history(void) {
    char number[16];
    start();
    for (int i = 1; i <= 25; i++) {
        snprintf(number, sizeof number, "%d", i);
        send_text(number);
    }
    struct outcome page = history(20, NULL);
    CHECK_INT(page.count, 20);
    for (int i = 0; i < 20; i++) CHECK_INT(page.texts[i], 25 - i);
    page = history(20, page.text);
    CHECK_INT(page.count, 5);
    for (int i = 0; i < 5; i++) CHECK_INT(page.texts[i], 5 - i);
}

/* Its user_data is the counter. */
static void count(const void *data) { ++*(int *)data; }

static void scenario_kicked(void) {
    int kicked = 0;
    struct outcome sent = {0};
    tim_set_kicked_offline_callback(count, &kicked);
    start();
    start_sending("kick me", &sent);
    await(&kicked, 1);
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(kicked, 1);
}

static void scenario_expired(void) {
    int expired = 0;
    tim_set_user_sig_expired_callback(count, &expired);
    listen_for_messages();
    start();
    send_text("ticket 2");
    await(&news.count, 1);
    CHECK_INT(login_code(setting("TIM_USER"), news.last), 0);
    await(&expired, 1);
    login();
    asks("echo again", "again");
    CHECK_INT(expired, 1);
}

static void scenario_account_switch(void) {
    start();
    send_text("1");
    logout();
    CHECK_INT(login_code(setting("TIM_OTHER"), setting("TIM_OTHER_SIG")), 0);
    CHECK_INT(conversations().count, 0);
    CHECK_INT(history(20, NULL).count, 0);
    listen_for_messages();
    asks("echo mine", "mine");
    logout();
    login();
    struct outcome page = history(20, NULL);
    CHECK_INT(page.count, 1);
    CHECK_INT(page.texts[0], 1);
    CHECK_INT(news.count, 1);
}

static void scenario_ten_thousand(void) {
    listen_for_messages();
    start();
    send_text("send 10000");
    await(&news.count, 10000);
    CHECK(news.is_in_order);
    CHECK_TEXT(news.last, "10000");
}

static int uninits;

static void uninit(void) {
    CHECK_INT(tim_uninit(), TIM_SUCC);
    uninits++;
}

static void scenario_uninit_in_callback(void) {
    listen_for_messages();
    news.then = uninit;
    start();
    struct outcome sent = {0};
    start_sending("echo x", &sent);
    await(&uninits, 1);
    CHECK_INT(tim_poll(0, 0), TIM_ERR_SDKUNINIT);
    CHECK_INT(uninits, 1);
    CHECK_INT(sent.calls, 1);
    news.then = NULL;
    start();
    listen_for_messages();
    asks("echo again", "again");
}

static void scenario_exit_while_busy(void) {
    static struct outcome sent[100];
    start();
    for (int i = 0; i < 100; i++) start_sending("busy", &sent[i]);
    exit(0);
}

static void scenario_bad_arguments(void) {
    const char *bot = setting("TIM_BOT");
    struct outcome outcome = {0};
    char id[128];
    CHECK_INT(tim_get_login_user_id(id), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_poll(0, 0), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_init(0, config()), TIM_ERR_PARAM);
    CHECK_INT(tim_init(1, "{"), TIM_ERR_JSON);
    listen_for_messages();
    start();
    const struct {
        const char *user, *json;
        int code;
    } bad[] = {
        {NULL, "{}", TIM_ERR_PARAM},    {"", "{}", TIM_ERR_PARAM},         {"\xff", "{}", TIM_ERR_PARAM},
        {bot, NULL, TIM_ERR_PARAM},     {bot, "", TIM_ERR_PARAM},          {bot, "{", TIM_ERR_JSON},
        {bot, "[]", TIM_ERR_JSON},      {bot, "{\"a\":\"\xff\"}", TIM_ERR_JSON},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *user = bad[i].user, *json = bad[i].json;
        CHECK_INT(tim_msg_send_message(user, TIM_CONV_C2C, json, id, on_complete, &outcome), bad[i].code);
    }
    CHECK_INT(tim_get_login_user_id(NULL), TIM_ERR_PARAM);
    /* Accepted, and completed with an error: no elements. */
    int code = CODE(outcome, tim_msg_send_message(bot, TIM_CONV_C2C, "{}", id, on_complete, &outcome));
    CHECK_INT(code, TIM_ERR_INVALID_PARAMETERS);
    CHECK_INT(outcome.calls, 1);
    asks("echo still", "still");
}

#define SCENARIO(name) {#name, scenario_##name}
static const struct {
    const char *name;
    void (*run)(void);
} scenarios[] = {
    SCENARIO(login),          SCENARIO(refused_ticket),     SCENARIO(chat),
    SCENARIO(history),        SCENARIO(kicked),             SCENARIO(expired),
    SCENARIO(account_switch), SCENARIO(ten_thousand),       SCENARIO(uninit_in_callback),
    SCENARIO(exit_while_busy), SCENARIO(bad_arguments),
};

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: %s list | NAME\n", arguments[0]);
        return 2;
    }
    doing = arguments[1];
    int lists = strcmp(doing, "list") == 0;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        if (lists) {
            puts(scenarios[i].name);
        } else if (strcmp(doing, scenarios[i].name) == 0) {
            scenarios[i].run();
            tim_uninit();
            return 0;
        }
    }
    if (!lists) fail("no such scenario");
    return 0;
}
