/* At a server, with a bot who answers: messages after they were sent. */
#include "common.h"

static struct outcome last;

struct told {
    int calls;
    char json[4096];
};
static struct told news, taken_back, changes, ids;

static void note(struct told *told, const char *json) {
    pthread_mutex_lock(&lock);
    told->calls++;
    snprintf(told->json, sizeof told->json, "%s", json);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_message(const char *json, const void *data) { note((struct told *)data, json); }

static void on_id(int32_t code, const char *desc, const char *json, const void *data) {
    (void)data;
    CHECK_INT(code, 0);
    CHECK(desc[0] == '\0');
    CHECK_INT(read_int(&last.calls), 0);
    note(&ids, json);
}

/* Sends a text to the bot, and keeps its id. */
static void say(const char *text, char id[128]) {
    char json[256];
    snprintf(json, sizeof json,
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"%s\"}]}", text);
    COMPLETED(TIM_SUCC, tim_msg_send_message("bot", TIM_CONV_C2C, json, id, CB));
}

/* The message of this id as it is here. */
static const char *found(const char *id) {
    char json[256];
    snprintf(json, sizeof json, "[\"%s\"]", id);
    COMPLETED(TIM_SUCC, tim_msg_find_messages(json, CB));
    return last.json;
}

static const char *named(const char *id) {
    static char json[256];
    snprintf(json, sizeof json, "{\"message_msg_id\":\"%s\"}", id);
    return json;
}

static const char *new_text(const char *id, int version, const char *text) {
    static char json[512];
    snprintf(json, sizeof json,
             "{\"message_msg_id\":\"%s\",\"message_conv_id\":\"bot\",\"message_conv_type\":1,"
             "\"message_version\":%d,\"message_cloud_custom_str\":\"cloud\","
             "\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"%s\"}]}",
             id, version, text);
    return json;
}

static void history(void) {
    COMPLETED(TIM_SUCC, tim_msg_get_msg_list("bot", TIM_CONV_C2C,
                                             "{\"msg_getmsglist_param_is_ramble\":true}", CB));
}

int main(void) {
    char id[128], other[128], json[1024];
    tim_add_recv_new_msg_callback(on_message, &news);
    tim_set_msg_revoke_callback(on_message, &taken_back);
    tim_set_msg_update_callback(on_message, &changes);
    init("");
    login();

    /* One's own is taken back: here the content stays, to write it again. */
    say("a slip", id);
    COMPLETED(TIM_SUCC, tim_msg_revoke("bot", TIM_CONV_C2C, named(id), CB));
    CHECK(last.json[0] == '\0');
    CHECK(strstr(found(id), "\"message_status\":6") != NULL);
    CHECK(strstr(last.json, "\"message_revoker_user_id\":\"alice\"") != NULL);
    CHECK(strstr(last.json, "a slip") != NULL);
    CHECK_INT(read_int(&taken_back.calls), 0);

    /* The bot's: who, which, and nothing is left of it. */
    say("slip of the bot", id);
    await_count(&taken_back.calls, 1);
    CHECK(strstr(taken_back.json, "\"message_revoker_user_id\":\"bot\"") != NULL);
    CHECK(strstr(taken_back.json, "\"message_locator_is_revoked\":true") != NULL);
    CHECK(strstr(taken_back.json, "\"message_locator_is_self\":false") != NULL);
    COMPLETED(TIM_SUCC,
              tim_msg_find_by_msg_locator_list("bot", TIM_CONV_C2C, taken_back.json, CB));
    CHECK(strstr(last.json, "\"message_elem_array\":[]") != NULL);
    CHECK(strstr(last.json, "of the bot") == NULL);
    CHECK(read_int(&news.calls) == 1);
    CHECK(sscanf(strstr(news.json, "\"message_msg_id\":"), "\"message_msg_id\":\"%127[^\"]", other) == 1);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_revoke("bot", TIM_CONV_C2C, named(other), CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_revoke("bot", TIM_CONV_C2C, named("none"), CB));

    /* Changed by the bot, then by us, then too late. */
    say("change it", id);
    await_count(&changes.calls, 1);
    CHECK(strstr(changes.json, "\"text_elem_content\":\"it\"") != NULL);
    CHECK(strstr(changes.json, "\"message_version\":") != NULL);
    int version = -1;
    CHECK(sscanf(strstr(found(id), "\"message_version\":"), "\"message_version\":%d", &version) == 1);
    CHECK(version > 0);
    COMPLETED(TIM_SUCC, tim_msg_modify_message(new_text(id, version, "mine"), CB));
    CHECK(strstr(last.json, "\"mine\"") != NULL);
    CHECK(strstr(last.json, "\"message_cloud_custom_str\":\"cloud\"") != NULL);
    COMPLETED(TIM_ERR_SDK_MSG_MODIFY_CONFLICT,
              tim_msg_modify_message(new_text(id, version, "late"), CB));
    CHECK(strstr(last.json, "\"mine\"") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_modify_message(named(id), CB));

    /* Deleted here, deleted everywhere, all of them. */
    snprintf(json, sizeof json, "{\"msg_delete_param_msg\":{\"message_msg_id\":\"%s\"}}", other);
    COMPLETED(TIM_SUCC, tim_msg_delete("bot", TIM_CONV_C2C, json, CB));
    history();
    CHECK(strstr(last.json, other) == NULL);
    CHECK(strstr(last.json, id) != NULL);
    snprintf(json, sizeof json,
             "{\"msg_delete_param_msg\":{\"message_msg_id\":\"%s\"},"
             "\"msg_delete_param_is_ramble\":true}", id);
    COMPLETED(TIM_SUCC, tim_msg_delete("bot", TIM_CONV_C2C, json, CB));
    history();
    CHECK(strstr(last.json, id) == NULL);
    COMPLETED(TIM_SUCC, tim_msg_delete("bot", TIM_CONV_C2C, json, CB));
    say("one", id);
    say("two", other);
    snprintf(json, sizeof json, "[{\"message_msg_id\":\"%s\"},{\"message_msg_id\":\"%s\"}]", id, other);
    COMPLETED(TIM_SUCC, tim_msg_list_delete("bot", TIM_CONV_C2C, json, CB));
    history();
    CHECK(strstr(last.json, "\"one\"") == NULL && strstr(last.json, "slip of the bot") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_list_delete("bot", TIM_CONV_C2C, "[]", CB));
    COMPLETED(TIM_SUCC, tim_msg_clear_history_message("bot", TIM_CONV_C2C, CB));
    history();
    CHECK(strcmp(last.json, "[]") == 0);
    COMPLETED(TIM_SUCC,
              tim_conv_get_conv_info("[{\"get_conversation_list_param_conv_id\":\"bot\","
                                     "\"get_conversation_list_param_conv_type\":1}]", CB));
    CHECK(strstr(last.json, "\"conv_is_has_lastmsg\":false") != NULL);

    /* The older form, whose id comes first; what is sent cannot be called off. */
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_msg_send_new_msg_ex("bot", TIM_CONV_C2C,
                                      "{\"message_elem_array\":[{\"elem_type\":0,"
                                      "\"text_elem_content\":\"old form\"}]}",
                                      on_id, on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK_INT(last.code, 0);
    CHECK_INT(ids.calls, 1);
    CHECK(strlen(ids.json) > 8 && strstr(last.json, ids.json) != NULL);
    COMPLETED(TIM_ERR_SDK_INVALID_CANCEL_MESSAGE,
              tim_msg_cancel_send("bot", TIM_CONV_C2C, ids.json, CB));
    CHECK_INT(tim_uninit(), TIM_SUCC);
    return 0;
}
