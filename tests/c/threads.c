/* Eight threads call everything at random, from callbacks too.
 *
 * Each accepted call with a callback is completed once, none after tim_uninit. TIM_TEST_SECONDS says
 * for how long, TIM_TEST_SEED repeats what was chosen (not how the threads met). Every function of
 * the ledger has a line in the table, which tests/ffi.rs checks. */
#include "common.h"

#include <stdatomic.h>

#define THREADS 8

static atomic_int accepted, completed, events, over;
static uint64_t seed;
static const char *settings;

/* What a thread has to choose with. */
static _Thread_local uint64_t state;
/* Callbacks run on the caller's thread when nothing is initialised: they may nest. */
static _Thread_local int depth;

static uint64_t next(void) {
    if (state == 0) {
        /* A thread of the library, in its first callback. */
        state = seed ^ 0x9e3779b97f4a7c15u;
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static unsigned below(unsigned n) { return (unsigned)(next() % n); }

#define ONE_OF(...)                                                                          \
    ((const char *[]){__VA_ARGS__}[below(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))])

static void anything(void);

/* A few of the callbacks call back. */
static void maybe_call(void) {
    CHECK(!atomic_load(&over));
    if (depth < 3 && below(8) == 0) {
        depth++;
        anything();
        depth--;
    }
}

static void done(int32_t code, const char *desc, const char *json, const void *user_data) {
    CHECK(desc != NULL && json != NULL);
    CHECK((code == 0) == (desc[0] == '\0'));
    CHECK(user_data == &completed);
    atomic_fetch_add(&completed, 1);
    maybe_call();
}

static void heard(void) {
    atomic_fetch_add(&events, 1);
    maybe_call();
}

static void on_network(tim_network_status status, int32_t code, const char *desc, const void *data) {
    (void)status, (void)code, (void)desc, (void)data;
    heard();
}
static void on_plain(const void *data) { (void)data, heard(); }
static void on_text(const char *text, const void *data) {
    (void)data;
    CHECK(text != NULL);
    heard();
}
static void on_other_text(const char *text, const void *data) { on_text(text, data); }
static void on_log(tim_log_level level, const char *text, const void *data) {
    (void)level, (void)data;
    CHECK(text[0] != '\0');
    atomic_fetch_add(&events, 1);
}
static void on_conv(tim_conv_event event, const char *text, const void *data) {
    (void)event, on_text(text, data);
}
static void on_total(int count, const void *data) {
    (void)data;
    CHECK(count >= 0);
    heard();
}
static void on_count(const char *filter, int count, const void *data) {
    CHECK(count >= 0);
    on_text(filter, data);
}
static void on_two(const char *name, const char *text, const void *data) {
    CHECK(name[0] != '\0');
    on_text(text, data);
}
static void on_left(const char *name, const char *text, uint32_t reason, const void *data) {
    CHECK(reason <= 1);
    on_two(name, text, data);
}
/* It may run anywhere, and must not call. */
static void on_wakeup(const void *data) { (void)data, atomic_fetch_add(&events, 1); }

#define MAYBE(function) (below(4) ? function : NULL)

/* A call with a callback, now and then with none. It is counted before it is made: the callback may
 * come first. */
#define ASYNC(name, ...)                                        \
    static void call_##name(void) {                             \
        tim_comm_callback cb = MAYBE(done);                     \
        const void *data = &completed;                          \
        if (cb != NULL) atomic_fetch_add(&accepted, 1);         \
        if (name(__VA_ARGS__) != 0 && cb != NULL) {             \
            atomic_fetch_sub(&accepted, 1);                     \
        }                                                       \
    }

#define LISTEN(name, function) \
    static void call_##name(void) { name(MAYBE(function), NULL); }

static const char *user(void) { return ONE_OF("alice", "alice", "bob", "carol", "no user", "", NULL); }
static const char *peer(void) { return ONE_OF("bob", "bob", "bob", "carol", "nobody", "no user", ""); }
static const char *convs(void) {
    return ONE_OF("[\"c2c_bob\"]", "[\"c2c_bob\",\"c2c_carol\",\"bob\"]", "[\"c2c_nobody\"]", "[]", "[1]", "{",
                  NULL);
}
static const char *group(void) { return ONE_OF("g", "h", "work", "", NULL); }
static const char *filter(void) {
    return ONE_OF("{}", "{\"conversation_list_filter_conv_type\":1}",
                  "{\"conversation_list_filter_conversation_group\":\"g\"}",
                  "{\"conversation_list_filter_mark_type\":-1}", "[", NULL);
}
static const char *users(void) {
    return ONE_OF("[\"bob\"]", "[\"bob\",\"carol\"]", "[\"nobody\"]", "[]", "[1]", "{", NULL);
}
static tim_conv_type conv(void) { return below(8) ? TIM_CONV_C2C : (tim_conv_type)below(5); }

static void call_tim_init(void) { tim_init(app(), below(8) ? settings : "{}"); }
static void call_tim_uninit(void) { CHECK_INT(tim_uninit(), 0); }
ASYNC(tim_login, user(), below(8) ? setting("TIM_TEST_SIG", "") : ONE_OF("x", "", NULL), cb, data)
ASYNC(tim_logout, cb, data)
static void call_tim_get_login_status(void) {
    int status = tim_get_login_status();
    CHECK(status >= 1 && status <= 4);
}
static void call_tim_get_login_user_id(void) {
    char id[128] = "";
    tim_get_login_user_id(below(8) ? id : NULL);
    CHECK(memchr(id, 0, sizeof id) != NULL);
}
static void call_tim_get_sdk_version(void) { CHECK(tim_get_sdk_version()[0] != '\0'); }
static void call_tim_get_server_time(void) { CHECK(tim_get_server_time() > 1000000000); }
ASYNC(tim_set_config,
      ONE_OF("{}", "{\"set_config_log_level\":2}", "{\"set_config_callback_log_level\":6}",
             "{\"set_config_user_define_data\":\"x\"}", "{\"set_config_log_level\":\"x\"}", "[", NULL),
      cb, data)
LISTEN(tim_set_network_status_listener_callback, on_network)
LISTEN(tim_set_kicked_offline_callback, on_plain)
LISTEN(tim_set_user_sig_expired_callback, on_plain)
LISTEN(tim_set_log_callback, on_log)
ASYNC(tim_call_experimental_api,
      ONE_OF("{\"request_internal_operation\":\"internal_operation_init_local_storage\","
             "\"request_init_local_storage_user_id_param\":\"alice\"}",
             "{\"request_internal_operation\":\"internal_operation_is_commercial_ability_enabled\","
             "\"request_is_commercial_ability_enabled_param\":1}",
             "{\"request_internal_operation\":\"no_such\"}", "{}", NULL),
      cb, data)
static void on_notice(const char *key, const char *text, const void *data) {
    CHECK(key != NULL);
    on_text(text, data);
}
LISTEN(tim_set_experimental_notify_callback, on_notice)
static void call_tim_error_name(void) { CHECK(tim_error_name((int32_t)below(100000)) != NULL); }
ASYNC(tim_get_user_status, users(), cb, data)
ASYNC(tim_set_self_status, ONE_OF("{\"user_status_custom_status\":\"busy\"}", "{}", NULL), cb, data)
ASYNC(tim_subscribe_user_status, users(), cb, data)
ASYNC(tim_unsubscribe_user_status, users(), cb, data)
LISTEN(tim_set_user_status_changed_callback, on_text)
ASYNC(tim_profile_get_user_profile_list,
      ONE_OF("{\"friendship_getprofilelist_param_identifier_array\":[\"bob\"]}",
             "{\"friendship_getprofilelist_param_identifier_array\":[\"alice\",\"bob\"],"
             "\"friendship_getprofilelist_param_force_update\":true}",
             "{}", NULL),
      cb, data)
ASYNC(tim_profile_modify_self_user_profile,
      ONE_OF("{\"user_profile_item_nick_name\":\"A\"}", "{\"user_profile_item_gender\":1}", "{}", NULL),
      cb, data)
ASYNC(tim_subscribe_user_info, users(), cb, data)
ASYNC(tim_unsubscribe_user_info, users(), cb, data)
LISTEN(tim_set_self_info_updated_callback, on_text)
LISTEN(tim_set_user_info_changed_callback, on_text)
LISTEN(tim_add_recv_new_msg_callback, (below(2) ? on_text : on_other_text))
static void call_tim_remove_recv_new_msg_callback(void) {
    tim_remove_recv_new_msg_callback(MAYBE((below(2) ? on_text : on_other_text)));
}
static char message_id[THREADS][128];
static _Thread_local int mine;
ASYNC(tim_msg_send_message, peer(), conv(),
      ONE_OF("{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}",
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"now\"}],"
             "\"message_is_online_msg\":true}",
             "{\"message_elem_array\":[]}", "{", NULL),
      depth ? NULL : message_id[mine], cb, data)
ASYNC(tim_msg_get_msg_list, peer(), conv(),
      ONE_OF("{}", "{\"msg_getmsglist_param_is_ramble\":true}",
             "{\"msg_getmsglist_param_count\":3,\"msg_getmsglist_param_is_forward\":true}",
             "{\"msg_getmsglist_param_count\":-1}", NULL),
      cb, data)
ASYNC(tim_msg_report_readed, peer(), conv(), ONE_OF("{}", "{\"message_msg_id\":\"x\"}", NULL), cb, data)
LISTEN(tim_set_msg_readed_receipt_callback, on_text)
ASYNC(tim_msg_mark_all_message_as_read, cb, data)
ASYNC(tim_msg_batch_send,
      ONE_OF("{\"msg_batch_send_param_identifier_array\":[\"bob\",\"nobody\",\"no user\"],"
             "\"msg_batch_send_param_msg\":{\"message_elem_array\":[{\"elem_type\":0,"
             "\"text_elem_content\":\"to all\"}]}}",
             "{}", NULL),
      cb, data)
ASYNC(tim_msg_send_new_msg, peer(), conv(),
      ONE_OF("{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}", "{}", "{",
             NULL),
      cb, data)
ASYNC(tim_msg_set_local_custom_data,
      ONE_OF("{\"message_msg_id\":\"x\",\"message_custom_int\":1}", "{\"message_custom_int\":-1}", "{", NULL),
      cb, data)
ASYNC(tim_msg_find_messages, ONE_OF("[\"x\",\"y\"]", "[]", "[1]", NULL), cb, data)
ASYNC(tim_msg_find_by_msg_locator_list, peer(), conv(),
      ONE_OF("[{\"message_locator_seq\":1},{\"message_locator_seq\":2}]", "[{}]", "[]", NULL), cb, data)
ASYNC(tim_msg_search_local_messages,
      ONE_OF("{\"msg_search_param_keyword_array\":[\"hel\"]}", "{\"msg_search_param_keyword_array\":[]}", "{",
             NULL),
      cb, data)
ASYNC(tim_msg_save_msg, peer(), conv(),
      ONE_OF("{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"kept\"}]}",
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"old\"}],"
             "\"message_server_time\":1600000000}",
             "{}", NULL),
      cb, data)
ASYNC(tim_msg_import_msg_list, peer(), conv(),
      ONE_OF("[{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"a\"}],"
             "\"message_server_time\":1600000000}]",
             "[]", "[{}]", NULL),
      cb, data)
ASYNC(tim_msg_send_new_msg_ex, peer(), conv(),
      ONE_OF("{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}", "{}", "{",
             NULL),
      NULL, cb, data)
ASYNC(tim_msg_revoke, peer(), conv(), ONE_OF("{\"message_seq\":1}", "{\"message_msg_id\":\"x\"}", "{", NULL),
      cb, data)
ASYNC(tim_msg_modify_message,
      ONE_OF("{\"message_seq\":2,\"message_conv_id\":\"bob\",\"message_conv_type\":1,"
             "\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"changed\"}]}",
             "{}", NULL),
      cb, data)
ASYNC(tim_msg_delete, peer(), conv(),
      ONE_OF("{\"msg_delete_param_msg\":{\"message_seq\":3}}",
             "{\"msg_delete_param_msg\":{\"message_seq\":4},\"msg_delete_param_is_ramble\":true}",
             "{}", NULL),
      cb, data)
ASYNC(tim_msg_list_delete, peer(), conv(),
      ONE_OF("[{\"message_seq\":5},{\"message_seq\":6}]", "[]", "[1]", NULL), cb, data)
ASYNC(tim_msg_clear_history_message, peer(), conv(), cb, data)
ASYNC(tim_msg_cancel_send, peer(), conv(), ONE_OF("x", "y", "", NULL), cb, data)
LISTEN(tim_set_msg_revoke_callback, on_text)
LISTEN(tim_set_msg_update_callback, on_text)
ASYNC(tim_msg_set_c2c_receive_message_opt, users(), (tim_receive_message_opt)below(5), cb, data)
ASYNC(tim_msg_get_c2c_receive_message_opt, users(), cb, data)
ASYNC(tim_msg_set_all_receive_message_opt, (tim_receive_message_opt)below(4), (int32_t)below(25), 0, 59,
      60, cb, data)
ASYNC(tim_msg_set_all_receive_message_opt2, (tim_receive_message_opt)below(4), below(3), 60, cb, data)
ASYNC(tim_msg_get_all_receive_message_opt, cb, data)
LISTEN(tim_set_msg_all_message_receive_option_callback, on_text)
ASYNC(tim_conv_get_conv_list, cb, data)
ASYNC(tim_conv_get_conv_info,
      ONE_OF("[{\"get_conversation_list_param_conv_id\":\"bob\","
             "\"get_conversation_list_param_conv_type\":1}]",
             "[]", "[{}]", NULL),
      cb, data)
LISTEN(tim_set_conv_event_callback, on_conv)
ASYNC(tim_conv_get_total_unread_message_count, cb, data)
LISTEN(tim_set_conv_total_unread_message_count_changed_callback, on_total)
ASYNC(tim_conv_get_conversation_list_by_filter, filter(),
      below(2) ? 0 : UINT64_MAX >> below(64), (uint32_t)below(3), cb, data)
ASYNC(tim_conv_create, peer(), conv(), cb, data)
static void call_tim_conv_set_draft(void) {
    tim_conv_set_draft(peer(), conv(), ONE_OF("{}", "{\"draft_user_define\":\"x\"}", "{\"draft_msg\":{}}", "{", NULL));
}
static void call_tim_conv_cancel_draft(void) { tim_conv_cancel_draft(peer(), conv()); }
ASYNC(tim_conv_get_unread_message_count_by_filter, filter(), cb, data)
static void call_tim_conv_subscribe_unread_message_count_by_filter(void) {
    tim_conv_subscribe_unread_message_count_by_filter(filter());
}
static void call_tim_conv_unsubscribe_unread_message_count_by_filter(void) {
    tim_conv_unsubscribe_unread_message_count_by_filter(filter());
}
LISTEN(tim_set_conv_unread_message_count_changed_by_filter_callback, on_count)
ASYNC(tim_conv_clean_conversation_unread_message_count,
      ONE_OF("c2c_bob", "c2c", "group", "", "bob", NULL), below(2), below(2), cb, data)
ASYNC(tim_conv_delete, peer(), conv(), cb, data)
ASYNC(tim_conv_delete_conversation_list, convs(), below(2), cb, data)
ASYNC(tim_conv_pin_conversation, peer(), conv(), below(2), cb, data)
ASYNC(tim_conv_mark_conversation, convs(), UINT64_C(1) << below(64), below(2), cb, data)
ASYNC(tim_conv_set_conversation_custom_data, convs(), ONE_OF("x", "", NULL), cb, data)
ASYNC(tim_group_create,
      ONE_OF("{\"create_group_param_group_id\":\"g\",\"create_group_param_group_name\":\"G\","
             "\"create_group_param_add_option\":2}",
             "{\"create_group_param_group_name\":\"\"}", "{", NULL),
      cb, data)
ASYNC(tim_group_delete, ONE_OF("g", "x", NULL), cb, data)
ASYNC(tim_group_join, ONE_OF("g", "x", NULL), ONE_OF("hello", "", NULL), cb, data)
ASYNC(tim_group_quit, ONE_OF("g", "x", NULL), cb, data)
ASYNC(tim_group_get_joined_group_list, cb, data)
ASYNC(tim_group_get_member_info_list,
      ONE_OF("{\"group_get_members_info_list_param_group_id\":\"g\"}", "{}", NULL), cb, data)
ASYNC(tim_group_invite_member,
      ONE_OF("{\"group_invite_member_param_group_id\":\"g\","
             "\"group_invite_member_param_identifier_array\":[\"bob\"]}", "{}", NULL), cb, data)
ASYNC(tim_conv_create_conversation_group, group(), convs(), cb, data)
ASYNC(tim_conv_get_conversation_group_list, cb, data)
ASYNC(tim_conv_delete_conversation_group, group(), cb, data)
ASYNC(tim_conv_rename_conversation_group, group(), group(), cb, data)
ASYNC(tim_conv_add_conversations_to_group, group(), convs(), cb, data)
ASYNC(tim_conv_delete_conversations_from_group, group(), convs(), cb, data)
LISTEN(tim_set_conv_conversation_group_created_callback, on_two)
LISTEN(tim_set_conv_conversation_group_deleted_callback, on_text)
LISTEN(tim_set_conv_conversation_group_name_changed_callback, on_two)
LISTEN(tim_set_conv_conversations_added_to_group_callback, on_two)
LISTEN(tim_set_conv_conversations_deleted_from_group_callback, on_left)
static void call_tim_poll(void) { tim_poll((int32_t)below(20), (int32_t)below(10)); }
static void call_tim_poll_fd(void) { CHECK(tim_poll_fd() >= -1); }
LISTEN(tim_set_wakeup_callback, on_wakeup)
static void call_tim_get_stats(void) {
    char stats[4096];
    CHECK(tim_get_stats(stats, below(8) ? sizeof stats : below(10)) > 0);
}

ASYNC(tim_msg_do_background, below(100), cb, data)
ASYNC(tim_msg_do_foreground, cb, data)
static void call_tim_suspend(void) {
    int code = tim_suspend();
    CHECK(code == 0 || code == TIM_ERR_SDKUNINIT || code == TIM_ERR_SDK_COMM_INTERRUPT);
}
static void call_tim_resume(void) {
    int code = tim_resume();
    CHECK(code == 0 || code == TIM_ERR_SDKUNINIT || code == TIM_ERR_SDK_COMM_INTERRUPT);
}
static void call_tim_notify_network_changed(void) {
    int code = tim_notify_network_changed();
    CHECK(code == 0 || code == TIM_ERR_SDKUNINIT);
}

#define CALL(name) {#name, call_##name}

static const struct {
    const char *name;
    void (*call)(void);
} table[] = {
    CALL(tim_init),
    CALL(tim_uninit),
    CALL(tim_login),
    CALL(tim_logout),
    CALL(tim_get_login_status),
    CALL(tim_get_login_user_id),
    CALL(tim_get_sdk_version),
    CALL(tim_get_server_time),
    CALL(tim_set_config),
    CALL(tim_set_network_status_listener_callback),
    CALL(tim_set_kicked_offline_callback),
    CALL(tim_set_user_sig_expired_callback),
    CALL(tim_set_log_callback),
    CALL(tim_call_experimental_api),
    CALL(tim_set_experimental_notify_callback),
    CALL(tim_error_name),
    CALL(tim_get_user_status),
    CALL(tim_set_self_status),
    CALL(tim_subscribe_user_status),
    CALL(tim_unsubscribe_user_status),
    CALL(tim_set_user_status_changed_callback),
    CALL(tim_profile_get_user_profile_list),
    CALL(tim_profile_modify_self_user_profile),
    CALL(tim_subscribe_user_info),
    CALL(tim_unsubscribe_user_info),
    CALL(tim_set_self_info_updated_callback),
    CALL(tim_set_user_info_changed_callback),
    CALL(tim_add_recv_new_msg_callback),
    CALL(tim_remove_recv_new_msg_callback),
    CALL(tim_msg_send_message),
    CALL(tim_msg_get_msg_list),
    CALL(tim_msg_report_readed),
    CALL(tim_set_msg_readed_receipt_callback),
    CALL(tim_msg_mark_all_message_as_read),
    CALL(tim_msg_batch_send),
    CALL(tim_msg_send_new_msg),
    CALL(tim_msg_set_local_custom_data),
    CALL(tim_msg_find_messages),
    CALL(tim_msg_send_new_msg_ex),
    CALL(tim_msg_revoke),
    CALL(tim_msg_modify_message),
    CALL(tim_msg_delete),
    CALL(tim_msg_list_delete),
    CALL(tim_msg_clear_history_message),
    CALL(tim_msg_cancel_send),
    CALL(tim_set_msg_revoke_callback),
    CALL(tim_set_msg_update_callback),
    CALL(tim_msg_set_c2c_receive_message_opt),
    CALL(tim_msg_get_c2c_receive_message_opt),
    CALL(tim_msg_set_all_receive_message_opt),
    CALL(tim_msg_set_all_receive_message_opt2),
    CALL(tim_msg_get_all_receive_message_opt),
    CALL(tim_set_msg_all_message_receive_option_callback),
    CALL(tim_msg_find_by_msg_locator_list),
    CALL(tim_msg_search_local_messages),
    CALL(tim_msg_save_msg),
    CALL(tim_msg_import_msg_list),
    CALL(tim_conv_get_conv_list),
    CALL(tim_conv_get_conv_info),
    CALL(tim_set_conv_event_callback),
    CALL(tim_conv_get_total_unread_message_count),
    CALL(tim_set_conv_total_unread_message_count_changed_callback),
    CALL(tim_conv_get_conversation_list_by_filter),
    CALL(tim_conv_create),
    CALL(tim_conv_set_draft),
    CALL(tim_conv_cancel_draft),
    CALL(tim_conv_get_unread_message_count_by_filter),
    CALL(tim_conv_subscribe_unread_message_count_by_filter),
    CALL(tim_conv_unsubscribe_unread_message_count_by_filter),
    CALL(tim_set_conv_unread_message_count_changed_by_filter_callback),
    CALL(tim_conv_clean_conversation_unread_message_count),
    CALL(tim_conv_delete),
    CALL(tim_conv_delete_conversation_list),
    CALL(tim_conv_pin_conversation),
    CALL(tim_conv_mark_conversation),
    CALL(tim_conv_set_conversation_custom_data),
    CALL(tim_group_create),
    CALL(tim_group_delete),
    CALL(tim_group_join),
    CALL(tim_group_quit),
    CALL(tim_group_get_joined_group_list),
    CALL(tim_group_get_member_info_list),
    CALL(tim_group_invite_member),
    CALL(tim_conv_create_conversation_group),
    CALL(tim_conv_get_conversation_group_list),
    CALL(tim_conv_delete_conversation_group),
    CALL(tim_conv_rename_conversation_group),
    CALL(tim_conv_add_conversations_to_group),
    CALL(tim_conv_delete_conversations_from_group),
    CALL(tim_set_conv_conversation_group_created_callback),
    CALL(tim_set_conv_conversation_group_deleted_callback),
    CALL(tim_set_conv_conversation_group_name_changed_callback),
    CALL(tim_set_conv_conversations_added_to_group_callback),
    CALL(tim_set_conv_conversations_deleted_from_group_callback),
    CALL(tim_poll),
    CALL(tim_poll_fd),
    CALL(tim_set_wakeup_callback),
    CALL(tim_get_stats),
    CALL(tim_msg_do_background),
    CALL(tim_msg_do_foreground),
    CALL(tim_suspend),
    CALL(tim_resume),
    CALL(tim_notify_network_changed),
};

#define FUNCTIONS (sizeof table / sizeof *table)

/* How often each was called, and how many have been. */
static atomic_int counts[FUNCTIONS], called;

static void anything(void) {
    unsigned which = below(FUNCTIONS);
    /* The functions that end everything are rarer, or nothing else would get far: at first the
     * table has to be drawn twice. */
    void (*call)(void) = table[which].call;
    if ((call == call_tim_uninit && below(20)) || (call == call_tim_logout && below(10))) {
        call = call_tim_login;
    } else if (call == call_tim_suspend && below(5)) {
        call = call_tim_resume;
    }
    if (atomic_fetch_add(&counts[which], 1) == 0) {
        atomic_fetch_add(&called, 1);
    }
    call();
}

static double end;

static void *thread(void *index) {
    mine = (int)(size_t)index;
    state = seed + (uint64_t)mine * 7919 + 1;
    /* Longer where it is slow: every function has its turn. */
    while (now() < end || atomic_load(&called) < (int)FUNCTIONS) {
        for (int i = 0; i < 20; i++) {
            anything();
        }
    }
    return NULL;
}

int main(void) {
    double seconds = atof(setting("TIM_TEST_SECONDS", "2"));
    pthread_t threads[THREADS];
    seed = strtoull(setting("TIM_TEST_SEED", "0"), NULL, 10);
    if (seed == 0) {
        seed = (uint64_t)time(NULL) * 1000 + (uint64_t)getpid();
    }
    printf("TIM_TEST_SEED=%llu TIM_TEST_SECONDS=%g\n", (unsigned long long)seed, seconds);
    fflush(stdout);
    /* Whoever waits for ever is ended by a signal. */
    alarm((unsigned)seconds + 120);
    settings = config("");
    end = now() + seconds;
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, thread, (void *)i) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    /* A callback that this one waits for may initialise again; tim_poll tells in both modes. */
    do {
        CHECK_INT(tim_uninit(), 0);
    } while (tim_poll(0, 0) != TIM_ERR_SDKUNINIT ||
             atomic_load(&accepted) != atomic_load(&completed));
    atomic_store(&over, 1);
    struct timespec moment = {0, 50000000};
    nanosleep(&moment, NULL);
    CHECK_INT(atomic_load(&completed), atomic_load(&accepted));
    CHECK_INT(atomic_load(&called), FUNCTIONS);
    printf("%d calls completed, %d events\n", atomic_load(&completed), atomic_load(&events));
    return 0;
}
