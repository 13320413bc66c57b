/* A terminal chat in C: log in, list conversations, chat, take back and change what was sent, see
 * presence and read receipts.
 *
 *     cc chat.c -I../../include -L../../target/debug -ltim -o chat
 *     ./chat alice bob            you are alice and write to bob
 *
 * The environment says where to: TIM_SERVER_URL (wss://host:port) and TIM_SERVER_CA (file), which
 * libtim reads itself, TIM_APP_ID and TIM_USER_SIG (your ticket). `make chat-c` sets all of them.
 *
 * One thread does everything: libtim is in poll mode, so that callbacks run inside tim_poll, and
 * poll(2) waits for the keyboard and for libtim at once. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <unistd.h>

#include "json.h"
#include "tim.h"

static const char *peer;
static char last_sent[128]; /* its id: what /undo takes back and /edit changes */
static int result;   /* of the program */
static int is_over;

static void leave(int code) {
    result = code;
    is_over = 1;
}

/* ---- what happens by itself ---- */

static void on_network(tim_network_status status, int32_t code, const char *desc, const void *data) {
    static const char *const names[] = {"connected", "disconnected", "connecting", "cannot connect"};
    (void)data;
    if (status < 0 || status > 3) return;
    if (code) printf("* %s: %d %s\n", names[status], code, desc);
    else printf("* %s\n", names[status]);
}

static void print_message(const char *message) {
    char sender[64], text[4096];
    const char *elem = NULL;
    json_text(json_get(message, "message_sender"), sender, sizeof sender);
    if (json_int(json_get(message, "message_status")) == TIM_MSG_REVOKED) {
        printf("%s: (taken back)\n", sender);
        return;
    }
    while ((elem = json_next(json_get(message, "message_elem_array"), elem)))
        if (json_int(json_get(elem, "elem_type")) == TIM_ELEM_TEXT)
            printf("%s: %s\n", sender, json_text(json_get(elem, "text_elem_content"), text, sizeof text));
        else
            printf("%s sent something that is not text\n", sender);
}

static void on_messages(const char *messages, const void *data) {
    char conv[64];
    const char *message = NULL;
    int is_from_peer = 0;
    (void)data;
    while ((message = json_next(messages, message))) {
        print_message(message);
        is_from_peer |= !strcmp(json_text(json_get(message, "message_conv_id"), conv, sizeof conv), peer);
    }
    /* They have been seen: the peer gets a receipt, the unread count goes down. */
    if (is_from_peer) tim_msg_report_readed(peer, TIM_CONV_C2C, NULL, NULL, NULL);
}

static void on_taken_back(const char *locators, const void *data) {
    char user[64];
    const char *locator = NULL;
    (void)data;
    while ((locator = json_next(locators, locator)))
        printf("* %s has taken a message back\n",
               json_text(json_get(locator, "message_revoker_user_id"), user, sizeof user));
}

static void on_changed(const char *messages, const void *data) {
    const char *message = NULL;
    (void)data;
    while ((message = json_next(messages, message))) {
        printf("* changed: ");
        print_message(message);
    }
}

static void on_receipts(const char *receipts, const void *data) {
    char reader[64];
    const char *receipt = NULL;
    (void)data;
    while ((receipt = json_next(receipts, receipt)))
        printf("* %s has read your messages\n",
               json_text(json_get(receipt, "msg_receipt_conv_id"), reader, sizeof reader));
}

static void on_presence(const char *statuses, const void *data) {
    static const char *const names[] = {"unknown here", "online", "offline", "logged out"};
    char user[64];
    const char *status = NULL;
    (void)data;
    while ((status = json_next(statuses, status))) {
        long long type = json_int(json_get(status, "user_status_status_type"));
        printf("* %s is %s\n",
               json_text(json_get(status, "user_status_identifier"), user, sizeof user),
               names[type >= 0 && type <= 3 ? type : 0]);
    }
}

static void on_kicked(const void *data) {
    (void)data;
    printf("* logged in somewhere else, so this session ends\n");
    leave(1);
}

static void on_ticket_expired(const void *data) {
    (void)data;
    printf("* the ticket has expired: get a new one and log in again\n");
    leave(1);
}

/* ---- answers to calls ---- */

static void on_done(int32_t code, const char *desc, const char *json, const void *what) {
    (void)json;
    if (code) printf("* %s: %d %s\n", (const char *)what, code, desc);
}

static void on_sent(int32_t code, const char *desc, const char *json, const void *data) {
    (void)json, (void)data;
    if (code) printf("* not sent: %d %s\n", code, desc);
    else printf("* sent\n");
}

static void on_undone(int32_t code, const char *desc, const char *json, const void *data) {
    (void)json, (void)data;
    if (code) printf("* not taken back: %d %s\n", code, desc);
    else printf("* taken back\n");
}

static void on_edited(int32_t code, const char *desc, const char *json, const void *data) {
    (void)json, (void)data;
    if (code) printf("* not changed: %d %s\n", code, desc);
    else printf("* changed\n");
}

static void on_statuses(int32_t code, const char *desc, const char *json, const void *data) {
    if (code) on_done(code, desc, json, "status");
    else on_presence(json, data);
}

static void on_conversations(int32_t code, const char *desc, const char *json, const void *data) {
    char name[64];
    const char *conv = NULL;
    (void)data;
    if (code) {
        on_done(code, desc, json, "conversations");
        return;
    }
    printf("* conversations:%s\n", json_next(json, NULL) ? "" : " none yet");
    while ((conv = json_next(json, conv))) {
        const char *last = json_get(conv, "conv_last_msg");
        printf("*   %s, %lld unread%s\n", json_text(json_get(conv, "conv_id"), name, sizeof name),
               json_int(json_get(conv, "conv_unread_num")),
               last ? "; the last message is" : "");
        if (!last) continue;
        printf("*     ");
        print_message(last);
    }
}

static void on_history(int32_t code, const char *desc, const char *json, const void *data) {
    const char *page[20], *message = NULL;
    int n = 0;
    (void)data;
    if (code) on_done(code, desc, json, "history");
    /* The newest comes first; a terminal wants it last. */
    else while (n < 20 && (message = json_next(json, message))) page[n++] = message;
    while (n > 0) print_message(page[--n]);
}

static void on_login(int32_t code, const char *desc, const char *json, const void *me) {
    char quoted[128], users[140];
    (void)json;
    if (code) {
        printf("* login failed: %d %s\n", code, desc);
        leave(1);
        return;
    }
    printf("* logged in as %s; write to %s, or /list, /history, /undo, /edit TEXT, /quit\n", (const char *)me, peer);
    snprintf(users, sizeof users, "[%s]", json_quote(peer, quoted, sizeof quoted));
    tim_subscribe_user_status(users, on_done, "subscribe");
    tim_get_user_status(users, on_statuses, NULL);
    tim_conv_get_conv_list(on_conversations, NULL);
}

static void on_logout(int32_t code, const char *desc, const char *json, const void *data) {
    (void)json, (void)data;
    if (code) printf("* logout: %d %s\n", code, desc);
    else printf("* logged out\n");
    leave(code ? 1 : 0);
}

/* ---- what you type ---- */

static void on_line(const char *line) {
    static int is_leaving;
    char quoted[8192], to[128], json[8600];
    int code = TIM_SUCC;
    if (!*line || is_leaving) return;
    if (!strcmp(line, "/quit")) {
        is_leaving = 1;
        code = tim_logout(on_logout, NULL);
    } else if (!strcmp(line, "/list")) {
        code = tim_conv_get_conv_list(on_conversations, NULL);
    } else if (!strcmp(line, "/history")) {
        code = tim_msg_get_msg_list(peer, TIM_CONV_C2C,
            "{\"msg_getmsglist_param_count\":20,\"msg_getmsglist_param_is_ramble\":true}",
            on_history, NULL);
    } else if (!strcmp(line, "/undo") && *last_sent) {
        snprintf(json, sizeof json, "{\"message_msg_id\":\"%s\"}", last_sent);
        code = tim_msg_revoke(peer, TIM_CONV_C2C, json, on_undone, NULL);
    } else if (!strncmp(line, "/edit ", 6) && *last_sent) {
        snprintf(json, sizeof json,
            "{\"message_msg_id\":\"%s\",\"message_conv_id\":%s,\"message_conv_type\":%d,"
            "\"message_elem_array\":[{\"elem_type\":%d,\"text_elem_content\":%s}]}",
            last_sent, json_quote(peer, to, sizeof to), (int)TIM_CONV_C2C, (int)TIM_ELEM_TEXT,
            json_quote(line + 6, quoted, sizeof quoted));
        code = tim_msg_modify_message(json, on_edited, NULL);
    } else {
        snprintf(json, sizeof json,
            "{\"message_elem_array\":[{\"elem_type\":%d,\"text_elem_content\":%s}]}",
            (int)TIM_ELEM_TEXT, json_quote(line, quoted, sizeof quoted));
        code = tim_msg_send_message(peer, TIM_CONV_C2C, json, last_sent, on_sent, NULL);
    }
    if (code != TIM_SUCC) printf("* refused: %d\n", code);
    if (code != TIM_SUCC && is_leaving) leave(1);
}

/* Reads what is there and takes whole lines; at the end of the input, leaves and returns 0. */
static int read_keyboard(void) {
    static char buffer[4096];
    static size_t used;
    ssize_t n = read(STDIN_FILENO, buffer + used, sizeof buffer - 1 - used);
    char *end, *line = buffer;
    if (n <= 0) {
        on_line("/quit");
        return 0;
    }
    used += (size_t)n;
    buffer[used] = '\0';
    while ((end = strchr(line, '\n')) || (used == sizeof buffer - 1 && line == buffer)) {
        if (end) *end = '\0';
        on_line(line);
        line = end ? end + 1 : buffer + used;
    }
    used -= (size_t)(line - buffer);
    memmove(buffer, line, used);
    return 1;
}

int main(int argc, char **argv) {
    const char *app_id = getenv("TIM_APP_ID"), *user_sig = getenv("TIM_USER_SIG");
    int code;
    if (argc != 3 || !app_id || !user_sig) {
        fprintf(stderr, "usage: chat ME PEER, with TIM_SERVER_URL, TIM_SERVER_CA, TIM_APP_ID, TIM_USER_SIG set\n");
        return 2;
    }
    peer = argv[2];
    setvbuf(stdout, NULL, _IOLBF, 0);

    /* Listeners first, so that nothing is missed; then init, then login. */
    tim_set_network_status_listener_callback(on_network, NULL);
    tim_set_kicked_offline_callback(on_kicked, NULL);
    tim_set_user_sig_expired_callback(on_ticket_expired, NULL);
    tim_set_user_status_changed_callback(on_presence, NULL);
    tim_add_recv_new_msg_callback(on_messages, NULL);
    tim_set_msg_revoke_callback(on_taken_back, NULL);
    tim_set_msg_update_callback(on_changed, NULL);
    tim_set_msg_readed_receipt_callback(on_receipts, NULL);

    code = tim_init(strtoull(app_id, NULL, 10), "{\"sdk_config_callback_mode\":\"poll\"}");
    if (code == TIM_SUCC) code = tim_login(argv[1], user_sig, on_login, argv[1]);
    if (code != TIM_SUCC) {
        fprintf(stderr, "libtim refuses: %d\n", code);
        return 1;
    }

    struct pollfd wait[] = {{STDIN_FILENO, POLLIN, 0}, {tim_poll_fd(), POLLIN, 0}};
    while (!is_over) {
        poll(wait, 2, -1);
        tim_poll(100, 0); /* runs the callbacks that wait, at most 100 */
        if (wait[0].revents && !read_keyboard()) wait[0].fd = -1;
    }
    tim_uninit(); /* when it returns, nothing of libtim runs any more */
    return result;
}
