/* At a server where a bot answers: receive options of users, and for all. */
#include "common.h"

static struct outcome last;

/* Messages that were told, conversations that showed the unwanted one, changes of the option for all. */
static int heard, shown, changes;
static char all_told[512];

static void on_messages(const char *json, const void *data) {
    pthread_mutex_lock(&lock);
    for (const char *at = json; (at = strstr(at, "\"message_msg_id\"")) != NULL; at++) {
        heard++;
    }
    CHECK(strstr(json, "\"unwanted\"") == NULL);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    (void)data;
}

static void on_conversation(tim_conv_event event, const char *json, const void *data) {
    if (event == TIM_CONV_EVENT_UPDATE && strstr(json, "\"unwanted\"") != NULL) {
        pthread_mutex_lock(&lock);
        shown++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    (void)data;
}

static void on_all(const char *json, const void *data) {
    pthread_mutex_lock(&lock);
    changes++;
    snprintf(all_told, sizeof all_told, "%s", json);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    CHECK(data == &changes);
}

static int has(const char *what) { return strstr(last.json, what) != NULL; }

static void say(const char *words) {
    char json[256];
    snprintf(json, sizeof json,
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"%s\"}]}", words);
    COMPLETED(TIM_SUCC, tim_msg_send_message("bot", TIM_CONV_C2C, json, NULL, CB));
}

static void look_at_bot(void) {
    COMPLETED(TIM_SUCC,
              tim_conv_get_conv_info("[{\"get_conversation_list_param_conv_id\":\"bot\","
                                     "\"get_conversation_list_param_conv_type\":1}]", CB));
}

/* The list of user IDs u0, u1, … */
static const char *many(int count) {
    static char json[1024];
    size_t at = 0;
    for (int n = 0; n < count; n++) {
        at += (size_t)snprintf(json + at, sizeof json - at, "%s\"u%d\"", n ? "," : "[", n);
    }
    snprintf(json + at, sizeof json - at, "]");
    return json;
}

int main(void) {
    tim_add_recv_new_msg_callback(on_messages, NULL);
    tim_set_conv_event_callback(on_conversation, NULL);
    tim_set_msg_all_message_receive_option_callback(on_all, &changes);
    init("");
    login();

    /* Before there is a conversation, which this does not bring about. */
    COMPLETED(TIM_SUCC, tim_msg_set_c2c_receive_message_opt("[\"bot\",\"bob\"]",
                                                            TIM_RECV_MSG_OPT_NOT_NOTIFY, CB));
    CHECK(last.json[0] == '\0');
    COMPLETED(TIM_SUCC, tim_msg_get_c2c_receive_message_opt("[\"bob\",\"carol\"]", CB));
    CHECK(strcmp(last.json, "[{\"msg_recv_msg_opt_result_identifier\":\"bob\","
                            "\"msg_recv_msg_opt_result_opt\":2},"
                            "{\"msg_recv_msg_opt_result_identifier\":\"carol\","
                            "\"msg_recv_msg_opt_result_opt\":0}]") == 0);
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(strcmp(last.json, "[]") == 0);
    COMPLETED(TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND,
              tim_msg_set_c2c_receive_message_opt("[\"nobody\",\"carol\"]",
                                                  TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT, CB));
    COMPLETED(TIM_SUCC, tim_msg_get_c2c_receive_message_opt("[\"nobody\",\"carol\"]", CB));
    CHECK(has("\"nobody\",\"msg_recv_msg_opt_result_opt\":0"));
    CHECK(has("\"carol\",\"msg_recv_msg_opt_result_opt\":3"));

    /* Received, and left out of the total. */
    say("echo wanted");
    await_count(&heard, 1);
    look_at_bot();
    CHECK(has("\"conv_recv_opt\":2") && has("\"conv_unread_num\":1"));
    COMPLETED(TIM_SUCC, tim_conv_get_total_unread_message_count(CB));
    CHECK(has("_unread_count\":0"));
    COMPLETED(TIM_SUCC, tim_msg_set_c2c_receive_message_opt("[\"bot\"]", TIM_RECV_MSG_OPT_RECEIVE, CB));
    COMPLETED(TIM_SUCC, tim_conv_get_total_unread_message_count(CB));
    CHECK(has("_unread_count\":1"));

    /* Not wanted: in the conversation and its history, neither told nor counted, also not later. */
    COMPLETED(TIM_SUCC,
              tim_msg_set_c2c_receive_message_opt("[\"bot\"]", TIM_RECV_MSG_OPT_NOT_RECEIVE, CB));
    say("echo unwanted");
    await_count(&shown, 1);
    COMPLETED(TIM_SUCC, tim_msg_set_c2c_receive_message_opt("[\"bot\"]", TIM_RECV_MSG_OPT_RECEIVE, CB));
    say("echo again");
    await_count(&heard, 2);
    look_at_bot();
    CHECK(has("\"conv_recv_opt\":0") && has("\"conv_unread_num\":2"));
    COMPLETED(TIM_SUCC, tim_msg_get_msg_list("bot", TIM_CONV_C2C,
                                             "{\"msg_getmsglist_param_is_ramble\":true,"
                                             "\"msg_getmsglist_param_count\":4}", CB));
    CHECK(has("\"unwanted\"") && has("\"again\""));

    /* It outlives the conversation. */
    COMPLETED(TIM_SUCC, tim_msg_set_c2c_receive_message_opt("[\"bot\"]", TIM_RECV_MSG_OPT_NOT_NOTIFY, CB));
    COMPLETED(TIM_SUCC, tim_conv_delete("bot", TIM_CONV_C2C, CB));
    COMPLETED(TIM_SUCC, tim_msg_get_c2c_receive_message_opt("[\"bot\"]", CB));
    CHECK(has("\"msg_recv_msg_opt_result_opt\":2"));
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(strcmp(last.json, "[]") == 0);

    /* What is wrong is named. */
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_set_c2c_receive_message_opt("[]", 2, CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_set_c2c_receive_message_opt("[\"bot\"]", 4, CB));
    CHECK(strstr(last.desc, "opt:") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_set_c2c_receive_message_opt(many(31), 2, CB));
    CHECK(strstr(last.desc, "1 to 30") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_get_c2c_receive_message_opt(many(31), CB));
    COMPLETED(TIM_SUCC, tim_msg_get_c2c_receive_message_opt(many(30), CB));
    COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER,
              tim_msg_get_c2c_receive_message_opt("[\"no user\"]", CB));

    /* For all: each change is told here, too. */
    COMPLETED(TIM_SUCC, tim_msg_get_all_receive_message_opt(CB));
    CHECK(has("\"msg_all_recv_msg_opt_level\":0"));
    COMPLETED(TIM_SUCC, tim_msg_set_all_receive_message_opt(TIM_RECV_MSG_OPT_NOT_NOTIFY, 22, 30, 1,
                                                            28800, CB));
    CHECK(last.json[0] == '\0');
    await_count(&changes, 1);
    COMPLETED(TIM_SUCC, tim_msg_get_all_receive_message_opt(CB));
    const char *daily = "{\"msg_all_recv_msg_opt_start_hour\":22,"
                        "\"msg_all_recv_msg_opt_start_minute\":30,"
                        "\"msg_all_recv_msg_opt_start_second\":1,"
                        "\"msg_all_recv_msg_opt_start_time_stamp\":0,"
                        "\"msg_all_recv_msg_duration\":28800,\"msg_all_recv_msg_opt_level\":2}";
    CHECK(strcmp(last.json, daily) == 0 && strcmp(all_told, daily) == 0);
    COMPLETED(TIM_SUCC, tim_msg_set_all_receive_message_opt2(TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT,
                                                             1800000000, 86400, CB));
    await_count(&changes, 2);
    COMPLETED(TIM_SUCC, tim_msg_get_all_receive_message_opt(CB));
    CHECK(has("\"msg_all_recv_msg_opt_start_hour\":0"));
    CHECK(has("\"msg_all_recv_msg_opt_start_time_stamp\":1800000000"));
    CHECK(has("\"msg_all_recv_msg_duration\":86400,\"msg_all_recv_msg_opt_level\":3"));
    COMPLETED(TIM_SUCC, tim_msg_set_all_receive_message_opt(TIM_RECV_MSG_OPT_RECEIVE, 0, 0, 0, 0, CB));
    await_count(&changes, 3);
    static const struct {
        int opt, hour, minute, second;
        const char *named;
    } wrong[] = {{1, 0, 0, 0, "opt:"},          {4, 0, 0, 0, "opt:"},
                 {2, 24, 0, 0, "start_hour:"},  {2, -1, 0, 0, "start_hour:"},
                 {2, 0, 60, 0, "start_minute:"}, {2, 0, 0, 60, "start_second:"}};
    for (size_t n = 0; n < sizeof wrong / sizeof *wrong; n++) {
        COMPLETED(TIM_ERR_INVALID_PARAMETERS,
                  tim_msg_set_all_receive_message_opt(wrong[n].opt, wrong[n].hour, wrong[n].minute,
                                                      wrong[n].second, 1, CB));
        CHECK(strstr(last.desc, wrong[n].named) != NULL);
    }
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_set_all_receive_message_opt2(2, 0, 1, CB));
    CHECK(strstr(last.desc, "start_time_stamp:") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_set_all_receive_message_opt2(1, 1, 1, CB));
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(changes, 3);
    CHECK_INT(heard, 2);
    return 0;
}
