/* Suspending and resuming, background and foreground, another network. */
#include <dirent.h>

#include "common.h"

static struct outcome last;
static int statuses[4], suspended_told, inside;

static void on_network(tim_network_status status, int32_t code, const char *desc, const void *data) {
    (void)desc, (void)data;
    pthread_mutex_lock(&lock);
    statuses[status]++;
    suspended_told += code == TIM_ERR_SUSPENDED;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Open files of databases. */
static int databases(void) {
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    CHECK(folder != NULL);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char link[300], target[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%s", entry->d_name);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length > 0) {
            target[length] = '\0';
            count += strstr(target, "alice.db") != NULL;
        }
    }
    closedir(folder);
    return count;
}

static void on_inside(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    CHECK_INT(code, TIM_SUCC);
    CHECK_INT(tim_suspend(), TIM_SUCC);
    CHECK_INT(databases(), 0);
    CHECK_INT(tim_resume(), TIM_SUCC);
    CHECK_INT(tim_notify_network_changed(), TIM_SUCC);
    pthread_mutex_lock(&lock);
    inside++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void alone(void) {
    CHECK_INT(tim_suspend(), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_resume(), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_notify_network_changed(), TIM_ERR_SDKUNINIT);
    init("");
    CHECK_INT(tim_resume(), TIM_SUCC);
    CHECK_INT(tim_suspend(), TIM_SUCC);
    CHECK_INT(tim_suspend(), TIM_SUCC);
    COMPLETED(TIM_ERR_SUSPENDED, tim_conv_get_conv_list(CB));
    COMPLETED(TIM_ERR_SUSPENDED, tim_login("alice", setting("TIM_TEST_SIG", ""), CB));
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    COMPLETED(TIM_SUCC, tim_logout(CB));
    CHECK_INT(tim_resume(), TIM_SUCC);
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_do_background(3, CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_do_foreground(CB));
    CHECK_INT(tim_msg_do_background(0, NULL, NULL), TIM_ERR_NOTLOGIN);
    CHECK_INT(tim_msg_do_foreground(NULL, NULL), TIM_ERR_NOTLOGIN);
    CHECK_INT(tim_notify_network_changed(), TIM_SUCC);
    CHECK_INT(tim_suspend(), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(tim_suspend(), TIM_ERR_SDKUNINIT);
}

static void online(void) {
    static const char text[] =
        "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}";
    char user[128];
    struct outcome waiting = {0};
    tim_set_network_status_listener_callback(on_network, NULL);
    init("");
    login();
    CHECK(databases() > 0);
    COMPLETED(TIM_SUCC, tim_msg_do_background(3, CB));
    COMPLETED(TIM_SUCC, tim_msg_do_foreground(CB));
    CHECK_INT(tim_notify_network_changed(), TIM_SUCC);

    int connected = read_int(&statuses[TIM_CONNECTED]);
    CHECK_INT(tim_suspend(), TIM_SUCC);
    CHECK_INT(databases(), 0);
    await_count(&suspended_told, 1);
    CHECK_INT(statuses[TIM_DISCONNECTED], 1);
    COMPLETED(TIM_ERR_SUSPENDED, tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, CB));
    COMPLETED(TIM_ERR_SUSPENDED, tim_conv_get_conv_list(CB));
    COMPLETED(TIM_ERR_SUSPENDED, tim_logout(CB));
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_LOGINED);
    CHECK_INT(tim_get_login_user_id(user), TIM_SUCC);
    CHECK(strcmp(user, "alice") == 0);

    CHECK_INT(tim_resume(), TIM_SUCC);
    CHECK(databases() > 0);
    await_count(&statuses[TIM_CONNECTED], connected + 1);
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, CB));

    /* What was accepted goes out afterwards, however soon it follows. */
    for (int i = 0; i < 20; i++) {
        memset(&waiting, 0, sizeof waiting);
        CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, on_outcome, expect(&waiting)), TIM_SUCC);
        CHECK_INT(tim_suspend(), TIM_SUCC);
        CHECK_INT(tim_resume(), TIM_SUCC);
        await(&waiting);
        CHECK_INT(waiting.code, TIM_SUCC);
    }
    CHECK_INT(tim_conv_get_total_unread_message_count(on_inside, NULL), TIM_SUCC);
    await_count(&inside, 1);
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, CB));

    CHECK_INT(tim_suspend(), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(databases(), 0);
    init("");
    login();
    CHECK_INT(tim_uninit(), TIM_SUCC);
    tim_set_network_status_listener_callback(NULL, NULL);
}

int main(void) {
    alone();
    if (is_online()) {
        online();
    }
    return 0;
}
