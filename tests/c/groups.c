/* At a server, with a bot who answers: groups, from their beginning to their end. */
#include "common.h"

static struct outcome last;

struct told {
    int calls;
    char json[8192];
};
static struct told news, listed, gone;

static void note(struct told *told, const char *json) {
    pthread_mutex_lock(&lock);
    told->calls++;
    snprintf(told->json, sizeof told->json, "%s", json);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_message(const char *json, const void *data) { note((struct told *)data, json); }

static void on_conversation(tim_conv_event event, const char *json, const void *data) {
    (void)data;
    if (event == TIM_CONV_EVENT_ADD) {
        note(&listed, json);
    } else if (event == TIM_CONV_EVENT_DEL) {
        note(&gone, json);
    }
}

static int has(const char *what) { return strstr(last.json, what) != NULL; }

static void say(const char *text) {
    char json[256], id[128];
    snprintf(json, sizeof json,
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"%s\"}]}", text);
    COMPLETED(TIM_SUCC, tim_msg_send_message("g", TIM_CONV_GROUP, json, id, CB));
    CHECK(has("\"message_conv_type\":2") && has("\"message_conv_id\":\"g\""));
}

int main(void) {
    tim_add_recv_new_msg_callback(on_message, &news);
    tim_set_conv_event_callback(on_conversation, NULL);
    init("");
    login();

    COMPLETED(TIM_SUCC,
              tim_group_create("{\"create_group_param_group_id\":\"g\","
                               "\"create_group_param_group_name\":\"Friends\","
                               "\"create_group_param_group_type\":0,"
                               "\"create_group_param_add_option\":2,"
                               "\"create_group_param_approve_option\":2,"
                               "\"create_group_param_group_member_array\":["
                               "{\"group_member_info_identifier\":\"bot\"},"
                               "{\"group_member_info_identifier\":\"nobody-here\"}]}",
                               CB));
    CHECK(strcmp(last.json, "{\"create_group_result_groupid\":\"g\"}") == 0);
    await_count(&listed.calls, 1);
    CHECK(strstr(listed.json, "\"conv_show_name\":\"Friends\"") != NULL);
    CHECK(strstr(listed.json, "\"conv_group_type\":0") != NULL);
    /* The group is told who came. */
    await_count(&news.calls, 1);
    CHECK(strstr(news.json, "\"group_tips_elem_user_array\":[\"bot\"]") != NULL);
    CHECK(strstr(news.json, "\"message_sender\":\"@TIM#SYSTEM\"") != NULL);

    /* A talk. */
    say("echo hello all");
    await_count(&news.calls, 2);
    CHECK(strstr(news.json, "\"text_elem_content\":\"hello all\"") != NULL);
    CHECK(strstr(news.json, "\"message_sender\":\"bot\"") != NULL);
    CHECK(strstr(news.json, "\"message_is_from_self\":false") != NULL);
    COMPLETED(TIM_SUCC, tim_conv_get_conv_info("[{\"get_conversation_list_param_conv_id\":\"g\","
                                               "\"get_conversation_list_param_conv_type\":2}]",
                                               CB));
    CHECK(has("\"conv_unread_num\":1") && has("\"text_elem_content\":\"hello all\""));
    COMPLETED(TIM_SUCC, tim_msg_report_readed("g", TIM_CONV_GROUP, NULL, CB));
    COMPLETED(TIM_SUCC,
              tim_msg_get_msg_list("g", TIM_CONV_GROUP,
                                   "{\"msg_getmsglist_param_is_ramble\":true}", CB));
    CHECK(has("hello all") && has("echo hello all") && has("group_tips_elem_tip_type"));
    COMPLETED(TIM_SUCC, tim_group_get_joined_group_list(CB));
    CHECK(has("\"group_base_info_group_id\":\"g\"") && has("\"group_base_info_latest_seq\":3"));
    CHECK(has("\"group_self_info_unread_num\":0") && has("\"group_self_info_role\":400"));

    /* Who is in it. */
    COMPLETED(TIM_SUCC, tim_group_get_member_info_list(
                            "{\"group_get_members_info_list_param_group_id\":\"g\"}", CB));
    CHECK(has("\"group_get_member_info_list_result_next_seq\":0"));
    CHECK(has("\"group_member_info_identifier\":\"alice\"") &&
          has("\"group_member_info_identifier\":\"bot\""));
    COMPLETED(TIM_SUCC, tim_group_invite_member(
                            "{\"group_invite_member_param_group_id\":\"g\","
                            "\"group_invite_member_param_identifier_array\":[\"bob\",\"bot\"]}",
                            CB));
    CHECK(has("\"group_invite_member_result_identifier\":\"bob\","
              "\"group_invite_member_result_result\":1"));
    CHECK(has("\"group_invite_member_result_result\":2"));

    /* Rights, and what is not there. */
    COMPLETED(TIM_ERR_SVR_GROUP_ALLREADY_MEMBER, tim_group_join("g", "let me in", CB));
    CHECK(last.desc[0] != '\0');
    COMPLETED(TIM_ERR_SVR_GROUP_SUPER_NOT_ALLOW_QUIT, tim_group_quit("g", CB));
    COMPLETED(TIM_ERR_SVR_GROUP_NOT_FOUND, tim_group_join("no such", NULL, CB));
    COMPLETED(TIM_ERR_SVR_GROUP_GROUPID_IN_USED_FOR_SUPER,
              tim_group_create("{\"create_group_param_group_id\":\"g\","
                               "\"create_group_param_group_name\":\"x\"}",
                               CB));
    COMPLETED(TIM_ERR_SVR_GROUP_PERMISSION_DENY,
              tim_group_get_member_info_list(
                  "{\"group_get_members_info_list_param_group_id\":\"no such\"}", CB));

    /* The end, and another one, of which one may walk out. */
    COMPLETED(TIM_SUCC, tim_group_delete("g", CB));
    await_count(&gone.calls, 1);
    CHECK(strstr(gone.json, "\"conv_id\":\"g\"") != NULL);
    COMPLETED(TIM_SUCC, tim_group_create("{\"create_group_param_group_name\":\"W\","
                                         "\"create_group_param_group_type\":1}",
                                         CB));
    char id[64] = "";
    CHECK_INT(sscanf(last.json, "{\"create_group_result_groupid\":\"%63[^\"]\"}", id), 1);
    await_count(&listed.calls, 2);
    COMPLETED(TIM_SUCC, tim_group_quit(id, CB));
    await_count(&gone.calls, 2);
    COMPLETED(TIM_SUCC, tim_group_get_joined_group_list(CB));
    CHECK(strcmp(last.json, "[]") == 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    return 0;
}
