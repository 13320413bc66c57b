/* At a server: the list in pages, drafts, what is set on conversations, groups of them, counts. */
#include "common.h"

static struct outcome last;

/* What was told, by kind. */
static int updated, created, deleted, renamed, added, removed, counted, count_told;

static void tell(int *counter) {
    pthread_mutex_lock(&lock);
    ++*counter;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_conversation(tim_conv_event event, const char *json, const void *data) {
    (void)data;
    if (event == TIM_CONV_EVENT_ADD || event == TIM_CONV_EVENT_UPDATE) {
        CHECK(json[0] == '[');
        tell(&updated);
    }
}
static void on_created(const char *name, const char *json, const void *data) {
    CHECK(strcmp(name, "work") == 0 && strstr(json, "\"conv_id\":\"bob\"") != NULL);
    tell(&created);
    (void)data;
}
static void on_deleted(const char *name, const void *data) {
    CHECK(strcmp(name, "job") == 0);
    tell(&deleted);
    (void)data;
}
static void on_renamed(const char *old_name, const char *new_name, const void *data) {
    CHECK(strcmp(old_name, "work") == 0 && strcmp(new_name, "job") == 0);
    tell(&renamed);
    (void)data;
}
static void on_added(const char *name, const char *json, const void *data) {
    CHECK(strcmp(name, "job") == 0 && strstr(json, "\"conv_id\":\"alice\"") != NULL);
    tell(&added);
    (void)data;
}
static void on_removed(const char *name, const char *json, uint32_t reason, const void *data) {
    CHECK(strcmp(name, "job") == 0 && strstr(json, "\"conv_id\":\"bob\"") != NULL);
    CHECK_INT(reason, 0);
    tell(&removed);
    (void)data;
}
static void on_count(const char *filter, int count, const void *data) {
    (void)data;
    CHECK(strstr(filter, "\"conversation_list_filter_conv_type\":1") != NULL);
    count_told = count;
    tell(&counted);
}

static int has(const char *what) { return strstr(last.json, what) != NULL; }

/* Whether the first is before the second in the list. */
static int is_above(const char *first, const char *second) {
    char one[64], other[64];
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    snprintf(one, sizeof one, "\"conv_id\":\"%s\"", first);
    snprintf(other, sizeof other, "\"conv_id\":\"%s\"", second);
    const char *above = strstr(last.json, one), *below = strstr(last.json, other);
    CHECK(above != NULL && below != NULL);
    return above < below;
}

#define TEXT "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}"
#define ALL "{}"

int main(void) {
    tim_set_conv_event_callback(on_conversation, NULL);
    tim_set_conv_conversation_group_created_callback(on_created, NULL);
    tim_set_conv_conversation_group_deleted_callback(on_deleted, NULL);
    tim_set_conv_conversation_group_name_changed_callback(on_renamed, NULL);
    tim_set_conv_conversations_added_to_group_callback(on_added, NULL);
    tim_set_conv_conversations_deleted_from_group_callback(on_removed, NULL);
    tim_set_conv_unread_message_count_changed_by_filter_callback(on_count, NULL);
    init("");
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_C2C, "{}"), TIM_ERR_NOTLOGIN);
    CHECK_INT(tim_conv_cancel_draft("bob", TIM_CONV_C2C), TIM_ERR_NOTLOGIN);
    CHECK_INT(tim_conv_subscribe_unread_message_count_by_filter(ALL), TIM_ERR_NOTLOGIN);
    login();
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C, TEXT, NULL, CB));
    COMPLETED(TIM_SUCC, tim_conv_create("carol", TIM_CONV_C2C, CB));
    CHECK(last.json[0] == '{' && has("\"conv_id\":\"carol\""));
    COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_conv_create("no user", TIM_CONV_C2C, CB));

    /* A draft lifts its conversation, and is told; what cannot be one is refused at once. */
    int before = read_int(&updated);
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_C2C,
                                 "{\"draft_msg\":" TEXT ",\"draft_user_define\":\"mine\"}"), TIM_SUCC);
    await_count(&updated, before + 1);
    CHECK(is_above("bob", "carol"));
    CHECK(has("\"conv_is_has_draft\":true") && has("\"draft_user_define\":\"mine\""));
    CHECK(has("\"draft_msg\":{\"message_elem_array\":[{\"elem_type\":0"));
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_C2C, "{\"draft_msg\":3}"), TIM_ERR_PARAM);
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_C2C, "{"), TIM_ERR_JSON);
    CHECK_INT(tim_conv_set_draft("no user", TIM_CONV_C2C, "{}"), TIM_ERR_CONV);
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_SYSTEM, "{}"), TIM_ERR_CONV);
    CHECK_INT(tim_conv_set_draft(NULL, TIM_CONV_C2C, "{}"), TIM_ERR_PARAM);
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_C2C,
                                 "{\"draft_msg\":{\"message_elem_array\":\"x\"}}"), TIM_ERR_PARAM);
    /* Nobody would hear that it is lost. */
    CHECK_INT(tim_suspend(), TIM_SUCC);
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_C2C, "{}"), TIM_ERR_SUSPENDED);
    CHECK_INT(tim_conv_cancel_draft("bob", TIM_CONV_C2C), TIM_ERR_SUSPENDED);
    CHECK_INT(tim_conv_subscribe_unread_message_count_by_filter("{}"), TIM_ERR_SUSPENDED);
    CHECK_INT(tim_resume(), TIM_SUCC);
    CHECK_INT(tim_conv_cancel_draft(NULL, TIM_CONV_C2C), TIM_ERR_PARAM);
    CHECK_INT(tim_conv_cancel_draft("bob", TIM_CONV_C2C), TIM_SUCC);
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(!has("\"conv_is_has_draft\":true"));

    /* A pin is above all that moves. */
    COMPLETED(TIM_SUCC, tim_conv_pin_conversation("bob", TIM_CONV_C2C, true, CB));
    CHECK(last.json[0] == '\0');
    COMPLETED(TIM_SUCC, tim_msg_send_message("alice", TIM_CONV_C2C, TEXT, NULL, CB));
    CHECK(is_above("bob", "alice"));
    CHECK(has("\"conv_is_pinned\":true"));
    COMPLETED(TIM_SUCC, tim_conv_pin_conversation("bob", TIM_CONV_C2C, false, CB));
    CHECK(is_above("alice", "bob"));
    COMPLETED(TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND,
              tim_conv_pin_conversation("nobody", TIM_CONV_C2C, true, CB));

    /* Each conversation has its result. */
    COMPLETED(TIM_SUCC, tim_conv_mark_conversation("[\"c2c_bob\",\"bob\",\"c2c_nobody\"]",
                                                   TIM_CONVERSATION_MARK_TYPE_STAR | UINT64_C(1) << 63,
                                                   true, CB));
    CHECK(has("{\"conversation_operation_result_conversation_id\":\"c2c_bob\","
              "\"conversation_operation_result_result_code\":0,"
              "\"conversation_operation_result_result_info\":\"\"}"));
    CHECK(has("\"bob\",\"conversation_operation_result_result_code\":6017"));
    CHECK(has("\"c2c_nobody\",\"conversation_operation_result_result_code\":50001"));
    COMPLETED(TIM_SUCC,
              tim_conv_mark_conversation("[\"c2c_bob\"]", TIM_CONVERSATION_MARK_TYPE_STAR, false, CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_conv_mark_conversation("[\"c2c_bob\"]", 0, true, CB));
    COMPLETED(TIM_SUCC, tim_conv_set_conversation_custom_data("[\"c2c_bob\"]", "vip", CB));
    COMPLETED(TIM_SUCC,
              tim_conv_get_conv_info("[{\"get_conversation_list_param_conv_id\":\"bob\","
                                     "\"get_conversation_list_param_conv_type\":1}]", CB));
    CHECK(has("\"conv_mark_array\":[9223372036854775808]") && has("\"conv_custom_data\":\"vip\""));

    /* Groups, from their making to their end. */
    COMPLETED(TIM_SUCC, tim_conv_create_conversation_group("work", "[\"c2c_bob\"]", CB));
    COMPLETED(TIM_ERR_SVR_CONV_INVALID_PARAMETERS,
              tim_conv_create_conversation_group("work", "[\"c2c_bob\"]", CB));
    COMPLETED(TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH,
              tim_conv_create_conversation_group("123456789012345678901234567890123",
                                                 "[\"c2c_bob\"]", CB));
    COMPLETED(TIM_SUCC, tim_conv_get_conversation_group_list(CB));
    CHECK(strcmp(last.json, "[\"work\"]") == 0);
    COMPLETED(TIM_SUCC, tim_conv_rename_conversation_group("work", "job", CB));
    COMPLETED(TIM_SUCC, tim_conv_add_conversations_to_group("job", "[\"c2c_alice\"]", CB));
    COMPLETED(TIM_SUCC, tim_conv_delete_conversations_from_group("job", "[\"c2c_bob\"]", CB));
    COMPLETED(TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST,
              tim_conv_add_conversations_to_group("work", "[\"c2c_bob\"]", CB));

    /* Pages of what passes a filter. */
    COMPLETED(TIM_SUCC, tim_conv_get_conversation_list_by_filter(ALL, 0, 2, CB));
    CHECK(has("\"conversation_list_result_is_finished\":false"));
    const char *next = strstr(last.json, "\"conversation_list_result_next_seq\":");
    CHECK(next != NULL);
    uint64_t next_seq = strtoull(strchr(next, ':') + 1, NULL, 10);
    COMPLETED(TIM_SUCC, tim_conv_get_conversation_list_by_filter(ALL, next_seq, 2, CB));
    CHECK(has("\"conversation_list_result_is_finished\":true"));
    COMPLETED(TIM_SUCC, tim_conv_get_conversation_list_by_filter(
                            "{\"conversation_list_filter_conversation_group\":\"job\"}", 0, 9, CB));
    CHECK(has("\"conv_id\":\"alice\"") && has("\"conv_conversation_group_array\":[\"job\"]"));
    CHECK(!has("\"conv_id\":\"bob\"") && !has("\"conv_id\":\"carol\""));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_conv_get_conversation_list_by_filter("{\"conversation_list_filter_mark_type\":\"x\"}",
                                                       0, 9, CB));
    COMPLETED(TIM_SUCC, tim_conv_delete_conversation_group("job", CB));
    await_count(&created, 1);
    await_count(&renamed, 1);
    await_count(&added, 1);
    await_count(&removed, 1);
    await_count(&deleted, 1);

    /* Counts: one message waits, of who writes to all. */
    COMPLETED(TIM_SUCC, tim_conv_get_unread_message_count_by_filter(ALL, CB));
    CHECK(has("\"conv_get_total_unread_message_count_result_unread_count\":0"));
    CHECK_INT(tim_conv_subscribe_unread_message_count_by_filter(
                  "{\"conversation_list_filter_conv_type\":1}"), TIM_SUCC);
    CHECK_INT(tim_conv_unsubscribe_unread_message_count_by_filter(
                  "{\"conversation_list_filter_conv_type\":1}"), TIM_SUCC);
    CHECK_INT(tim_conv_subscribe_unread_message_count_by_filter(NULL), TIM_ERR_PARAM);
    CHECK_INT(tim_conv_unsubscribe_unread_message_count_by_filter("["), TIM_ERR_JSON);
    COMPLETED(TIM_SUCC, tim_conv_clean_conversation_unread_message_count(NULL, 0, 0, CB));
    COMPLETED(TIM_SUCC, tim_conv_clean_conversation_unread_message_count("c2c_bob", 1, 0, CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_conv_clean_conversation_unread_message_count("bob", 0, 0, CB));

    /* The next session on this device has it all. */
    CHECK_INT(tim_uninit(), TIM_SUCC);
    init("");
    login();
    COMPLETED(TIM_SUCC,
              tim_conv_get_conv_info("[{\"get_conversation_list_param_conv_id\":\"bob\","
                                     "\"get_conversation_list_param_conv_type\":1}]", CB));
    CHECK(has("\"conv_mark_array\":[9223372036854775808]") && has("\"conv_custom_data\":\"vip\""));

    /* Deleted, with what is set on it and its messages. */
    COMPLETED(TIM_SUCC, tim_conv_delete("bob", TIM_CONV_C2C, CB));
    CHECK(last.json[0] == '\0');
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(!has("\"conv_id\":\"bob\"") && has("\"conv_id\":\"alice\""));
    COMPLETED(TIM_SUCC, tim_msg_get_msg_list("bob", TIM_CONV_C2C,
                                             "{\"msg_getmsglist_param_is_ramble\":true}", CB));
    CHECK(strcmp(last.json, "[]") == 0);
    COMPLETED(TIM_SUCC, tim_conv_delete("bob", TIM_CONV_C2C, CB));
    COMPLETED(TIM_SUCC, tim_conv_delete_conversation_list("[\"c2c_alice\",\"c2c_nobody\"]", false, CB));
    CHECK(has("\"c2c_nobody\",\"conversation_operation_result_result_code\":0"));
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(!has("\"conv_id\":\"alice\""));
    COMPLETED(TIM_SUCC, tim_msg_get_msg_list("alice", TIM_CONV_C2C,
                                             "{\"msg_getmsglist_param_is_ramble\":true}", CB));
    CHECK(strcmp(last.json, "[]") != 0);
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C, TEXT, NULL, CB));
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(has("\"conv_id\":\"bob\"") && !has("\"conv_custom_data\":\"vip\""));
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(counted, 0);
    CHECK_INT(count_told, 0);
    return 0;
}
