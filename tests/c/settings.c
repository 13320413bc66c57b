/* What tim_set_config does to a session at a server: everything goes through a SOCKS5 proxy, and
 * nothing is kept on disk. TIM_TEST_PROXY is the proxy's port. */
#include <dirent.h>

#include "common.h"

static struct outcome last;

static int32_t configure(const char *json) {
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_set_config(json, on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    return last.code;
}

static int32_t try_login(void) {
    struct outcome outcome = {0};
    CHECK_INT(tim_login("alice", setting("TIM_TEST_SIG", ""), on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    return outcome.code;
}

static void on_line(tim_log_level level, const char *text, const void *data) {
    (void)level, (void)data;
    CHECK(strstr(text, "sesame") == NULL);
}

static void set_proxy(const char *password) {
    char json[512];
    snprintf(json, sizeof json,
             "{\"set_config_socks5_proxy_info\":{\"socks5_proxy_info_ip\":\"127.0.0.1\","
             "\"socks5_proxy_info_port\":%s,\"socks5_proxy_info_username\":\"user\","
             "\"socks5_proxy_info_password\":\"%s\"},"
             "\"set_config_http_proxy_info\":{\"http_proxy_info_ip\":\"proxy.example\","
             "\"http_proxy_info_port\":8080,\"http_proxy_info_password\":\"sesame\","
             "\"http_proxy_info_username\":\"user\"}}",
             setting("TIM_TEST_PROXY", "0"), password);
    CHECK_INT(configure(json), TIM_SUCC);
    CHECK(strstr(last.json, "\"socks5_proxy_info_username\":\"user\"") != NULL);
    CHECK(strstr(last.json, "\"http_proxy_info_port\":8080") != NULL);
    CHECK(strstr(last.json, "sesame") == NULL);
}

/* Files below the folder of databases. */
static int files(void) {
    char path[4096];
    int count = 0;
    snprintf(path, sizeof path, "%s/data", setting("TIM_TEST_DIR", "/tmp/tim-test"));
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

int main(void) {
    static const char text[] =
        "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"kept in memory\"}]}";
    tim_set_log_callback(on_line, NULL);
    CHECK_INT(configure("{\"set_config_pac_proxy_info\":{\"pac_proxy_info_username\":\"u\"}}"),
              TIM_ERR_NOT_SUPPORTED);
    CHECK_INT(configure("{\"set_config_socks5_proxy_info\":{\"socks5_proxy_info_ip\":\"a\"}}"),
              TIM_ERR_INVALID_PARAMETERS);
    CHECK(strstr(last.desc, "socks5_proxy_info_port") == last.desc);
    CHECK_INT(configure("{\"set_config_user_config\":{\"user_config_is_is_disable_storage\":true},"
                        "\"set_config_user_define_data\":\"of the app\","
                        "\"set_config_is_only_local_dns_source\":true}"), TIM_SUCC);
    CHECK(strstr(last.json, "\"set_config_is_only_local_dns_source\":true") != NULL);
    set_proxy("shut sesame");
    init("");
    CHECK_INT(try_login(), TIM_ERR_PROXY_LOGIN);
    /* From the next init on, which is not a different one for that. */
    set_proxy("open sesame");
    CHECK_INT(try_login(), TIM_ERR_PROXY_LOGIN);
    CHECK_INT(tim_init(app(), config("")), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);

    init("");
    login();
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK_INT(last.code, TIM_SUCC);
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_conv_get_conv_list(on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK(strstr(last.json, "kept in memory") != NULL);
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{\"msg_getmsglist_param_count\":10}", on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK(strstr(last.json, "kept in memory") != NULL);
    CHECK_INT(files(), 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);

    /* The next start knows nothing, and the server all of it. */
    init("");
    login();
    for (;;) {
        memset(&last, 0, sizeof last);
        CHECK_INT(tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{\"msg_getmsglist_param_is_ramble\":true}", on_outcome, expect(&last)), TIM_SUCC);
        await(&last);
        if (strstr(last.json, "kept in memory") != NULL) {
            break;
        }
    }
    CHECK_INT(files(), 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    return 0;
}
