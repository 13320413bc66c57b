/* The log: levels, files of a day, lines that hold no secret, files that cannot be written. */
#include "common.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

static char path[4096], told[4 << 20];
static int lines[8];

static void on_log(tim_log_level level, const char *line, const void *data) {
    CHECK(data == &lines);
    CHECK(level >= TIM_LOG_TEST && level <= TIM_LOG_ASSERT);
    pthread_mutex_lock(&lock);
    lines[level]++;
    size_t used = strlen(told);
    CHECK(used + strlen(line) + 2 < sizeof told);
    snprintf(told + used, sizeof told - used, "%s\n", line);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static int times(const char *text, const char *word) {
    int found = 0;
    for (; (text = strstr(text, word)) != NULL; text++) {
        found++;
    }
    return found;
}

static int told_times(const char *word) {
    pthread_mutex_lock(&lock);
    int found = times(told, word);
    pthread_mutex_unlock(&lock);
    return found;
}

static void forget(void) {
    pthread_mutex_lock(&lock);
    memset(lines, 0, sizeof lines);
    told[0] = '\0';
    pthread_mutex_unlock(&lock);
}

static const char *in_folder(const char *name) {
    snprintf(path, sizeof path, "%s/log/%s", setting("TIM_TEST_DIR", "/tmp/tim-test"), name);
    return path;
}

/* tim-20261121.log, so many days ago. */
static const char *name_of(int days, const char *end) {
    static char name[64];
    time_t then = time(NULL) - days * 86400;
    struct tm day;
    gmtime_r(&then, &day);
    strftime(name, sizeof name, "tim-%Y%m%d", &day);
    return strcat(name, end);
}

static int is_there(const char *name) { return access(in_folder(name), F_OK) == 0; }

static void await_file(const char *name, int wanted) {
    double end = now() + 60;
    while (is_there(name) != wanted) {
        CHECK(now() < end);
        usleep(10000);
    }
}

static void make(const char *name, const char *text) {
    FILE *file = fopen(in_folder(name), "w");
    CHECK(file != NULL);
    CHECK(fputs(text, file) >= 0);
    CHECK(fclose(file) == 0);
}

/* All that stands in the plain files: one, or two when it is midnight just now. */
static const char *written(void) {
    static char text[4 << 20];
    size_t used = 0;
    DIR *folder = opendir(in_folder(""));
    CHECK(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (end == NULL || strcmp(end, ".log") != 0) {
            continue;
        }
        FILE *file = fopen(in_folder(entry->d_name), "r");
        CHECK(file != NULL);
        used += fread(text + used, 1, sizeof text - 1 - used, file);
        fclose(file);
    }
    closedir(folder);
    text[used] = '\0';
    return text;
}

static void levels(int file, int callback) {
    char json[128];
    snprintf(json, sizeof json,
             "{\"set_config_log_level\":%d,\"set_config_callback_log_level\":%d}", file, callback);
    CHECK_INT(tim_set_config(json, NULL, NULL), TIM_SUCC);
}

static void stats(char *text, size_t size) {
    int length = tim_get_stats(text, size);
    CHECK(length > 0 && (size_t)length < size);
}

/* A call whose line is of the level debug. */
static void refused(void) { CHECK(tim_msg_send_message(NULL, TIM_CONV_C2C, "{}", NULL, NULL, NULL) < 0); }

/* A call that was accepted, whose completion has come: verbose. In order with the lines before. */
static void settled(void) {
    struct outcome outcome = {0};
    CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
}

static void before_and_after(void) {
    const char *debug = " ffi tim_msg_send_message returns ";
    refused();
    CHECK_INT(told_times(debug), 1);
    CHECK_INT(lines[TIM_LOG_DEBUG], 1);
    /* File and callback each for itself. */
    levels(TIM_LOG_DEBUG, TIM_LOG_ERROR);
    refused();
    CHECK_INT(told_times(debug), 1);
    CHECK_INT(tim_init(0, NULL), TIM_ERR_PARAM);
    CHECK_INT(lines[TIM_LOG_ERROR], 1);
    levels(TIM_LOG_ERROR, TIM_LOG_OFF);
    refused();
    CHECK_INT(tim_init(0, NULL), TIM_ERR_PARAM);
    CHECK_INT(lines[TIM_LOG_ERROR], 1);
    CHECK_INT(told_times(debug), 1);
    /* What waited for the file: two at debug, two failed inits. */
    init("");
    CHECK_INT(times(written(), debug), 2);
    CHECK_INT(times(written(), "the app id must not be 0"), 2);
    /* At once while it runs, too. */
    forget();
    levels(TIM_LOG_OFF, TIM_LOG_DEBUG);
    refused();
    settled();
    CHECK_INT(told_times(debug), 1);
    CHECK_INT(lines[TIM_LOG_VERBOSE], 0);
    CHECK_INT(times(written(), debug), 2);
    levels(TIM_LOG_VERBOSE, TIM_LOG_OFF);
    refused();
    settled();
    CHECK_INT(told_times(debug), 1);
    CHECK_INT(times(written(), debug), 3);
    CHECK(times(written(), " VERB  ") > 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    /* And after it. */
    forget();
    levels(TIM_LOG_OFF, TIM_LOG_TEST);
    refused();
    CHECK_INT(told_times(debug), 1);
    levels(TIM_LOG_DEBUG, TIM_LOG_ASSERT);
    refused();
    CHECK_INT(told_times(debug), 1);
    CHECK_INT(times(written(), debug), 3);
    init("");
    CHECK_INT(times(written(), debug), 4);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    levels(TIM_LOG_DEBUG, TIM_LOG_DEBUG);
}

static void packed_and_removed(void) {
    char text[8192], command[8192];
    char packed[64], week[64], plain[64];
    snprintf(packed, sizeof packed, "%s", name_of(2, ".log.gz"));
    snprintf(plain, sizeof plain, "%s", name_of(2, ".log"));
    snprintf(week, sizeof week, "%s", name_of(7, ".log"));
    make(plain, "a line of that day\n");
    make(week, "kept\n");
    make(name_of(9, ".log"), "too old\n");
    make(name_of(9, ".log.gz"), "too old\n");
    make("another.log", "");
    init("");
    await_file(name_of(9, ".log"), 0);
    await_file(name_of(9, ".log.gz"), 0);
    await_file(plain, 0);
    await_file(strcat(week, ".gz"), 1);
    CHECK(is_there("another.log"));
    CHECK(is_there(packed));
    CHECK(is_there(name_of(0, ".log")) || is_there(name_of(1, ".log")));
    CHECK_INT(tim_uninit(), TIM_SUCC);
    /* Ordinary tools read it. */
    snprintf(command, sizeof command, "gzip -dc '%s'", in_folder(packed));
    FILE *pipe = popen(command, "r");
    CHECK(pipe != NULL);
    CHECK(fgets(text, sizeof text, pipe) != NULL);
    CHECK(strcmp(text, "a line of that day\n") == 0);
    CHECK(pclose(pipe) == 0);
    /* Another number of days. */
    CHECK_INT(tim_init(app(), config(",\"sdk_config_log_kept_days\":-1")), TIM_ERR_PARAM);
    stats(text, sizeof text);
    CHECK(strstr(text, "sdk_config_log_kept_days: expected a number from 0 to 36500") != NULL);
    init(",\"sdk_config_log_kept_days\":3");
    await_file(week, 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK(is_there(packed));
    CHECK(unlink(in_folder("another.log")) == 0);
}

/* Compressing it would take hours: neither calls nor the end wait for it. */
static void nobody_waits(void) {
    make(name_of(3, ".log"), "");
    CHECK(truncate(in_folder(name_of(3, ".log")), (off_t)1 << 40) == 0);
    init("");
    settled();
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK(is_there(name_of(3, ".log")));
    CHECK(!is_there(name_of(3, ".log.gz")));
    CHECK(!is_there(name_of(3, ".log.gz.tmp")));
    CHECK(unlink(in_folder(name_of(3, ".log"))) == 0);
}

static void cannot_be_written(void) {
    const char *trouble = "log files cannot be written, going on without: ";
    char text[8192];
    /* For today and, should it turn just now, for tomorrow. */
    for (int day = 0; day >= -1; day--) {
        unlink(in_folder(name_of(day, ".log")));
    }
    init("");
    forget();
    for (int day = 0; day >= -1; day--) {
        unlink(in_folder(name_of(day, ".log")));
        CHECK(symlink("/dev/full", in_folder(name_of(day, ".log"))) == 0);
    }
    refused();
    refused();
    settled();
    CHECK_INT(told_times(trouble), 1);
    CHECK_INT(lines[TIM_LOG_ERROR], 1);
    stats(text, sizeof text);
    CHECK(strstr(text, "\"log_file_error\":\"") != NULL);
    CHECK(strstr(text, "\"log_lines_lost\":0,") == NULL);
    for (int day = 0; day >= -1; day--) {
        CHECK(unlink(in_folder(name_of(day, ".log"))) == 0);
    }
    refused();
    settled();
    CHECK_INT(told_times(trouble), 1);
    CHECK_INT(told_times("log files can be written again; lines lost: "), 1);
    CHECK_INT(times(written(), "log files can be written again; lines lost: "), 1);
    CHECK_INT(times(written(), " ffi tim_msg_send_message returns "), 1);
    stats(text, sizeof text);
    CHECK(strstr(text, "\"log_file_error\":null") != NULL);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    /* At init the folder has to be usable. */
    snprintf(text, sizeof text,
             "{\"sdk_config_config_file_path\":\"%s\",\"sdk_config_log_file_path\":\"%s\"}",
             in_folder("data"), "/dev/null/log");
    CHECK_INT(tim_init(app(), text), TIM_ERR_PARAM);
    stats(text, sizeof text);
    CHECK(strstr(text, "the folder /dev/null/log cannot be used: ") != NULL);
}

/* Room for a part of a line: it stays, and the next one begins anew. */
static void half_a_line(void) {
    struct rlimit whole, tight;
    signal(SIGXFSZ, SIG_IGN);
    init("");
    forget();
    refused();
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &whole), 0);
    tight = whole;
    tight.rlim_cur = strlen(written()) + 40;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &tight), 0);
    refused();
    refused();
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &whole), 0);
    refused();
    settled();
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(told_times("log files cannot be written, going on without: "), 1);
    const char *text = written(), *again = strstr(text, "File too large");
    CHECK(again != NULL);
    while (again > text && again[-1] != '\n') {
        again--;
    }
    /* Whole, and before it the 40 bytes that there was room for. */
    CHECK(again > text + 41 && strncmp(again - 42, "\n20", 3) == 0);
    CHECK(strncmp(again + strlen("2026-11-22T09:30:01.123"), "Z WARN  ", 8) == 0);
    CHECK(strstr(again, " log files can be written again; lines lost: 2 (") != NULL);
    CHECK_INT(times(again, "\n"), 3);
}

static struct outcome last;

static void no_part_of(const char *secret) {
    /* Of a ticket no piece either. */
    char piece[17];
    size_t size = strlen(secret), step = sizeof piece - 1;
    CHECK(size > 4);
    for (size_t at = 0; at == 0 || at + step <= size; at += step) {
        snprintf(piece, sizeof piece, "%s", secret + at);
        if (told_times(piece) + times(written(), piece) > 0) {
            fprintf(stderr, "in the log: %s\n", piece);
            exit(1);
        }
    }
}

/* A session with all that can be in it, at the level that tells most. */
static void secrets(void) {
    const char *message =
        "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"secret-text\"},"
        "{\"elem_type\":3,\"custom_elem_data\":\"secret-data\",\"custom_elem_desc\":\"secret-desc\","
        "\"custom_elem_ext\":\"secret-ext\",\"custom_elem_sound\":\"secret-sound\"}],"
        "\"message_cloud_custom_str\":\"secret-cloud\",\"message_custom_str\":\"secret-local\"}";
    const char *sigs[] = {"TIM_TEST_SIG", "TIM_TEST_EXPIRED_SIG", "TIM_TEST_OTHER_APP_SIG",
                          "TIM_TEST_OTHER_KEY_SIG"};
    static char large[20000], text[40000];
    forget();
    levels(TIM_LOG_TEST, TIM_LOG_TEST);
    CHECK_INT(tim_set_config("{\"set_config_user_define_data\":\"secret-user-data\","
                             "\"set_config_http_proxy_info\":{\"http_proxy_info_ip\":\"10.0.0.1\","
                             "\"http_proxy_info_port\":80,\"http_proxy_info_username\":\"secret-name\","
                             "\"http_proxy_info_password\":\"secret-password\"}}", NULL, NULL), TIM_SUCC);
    CHECK_INT(tim_init(app(), config(",\"sdk_config_server_url\":\"wss://secret-user:secret-pw@a\"")),
              TIM_ERR_PARAM);
    /* Through a proxy that is not there. */
    const char *proxy = "{\"set_config_socks5_proxy_info\":{\"socks5_proxy_info_ip\":\"127.0.0.1\","
                        "\"socks5_proxy_info_port\":1,\"socks5_proxy_info_username\":\"secret-name\","
                        "\"socks5_proxy_info_password\":\"secret-password\"}}";
    CHECK_INT(tim_set_config(proxy, NULL, NULL), TIM_SUCC);
    struct outcome astray = {0};
    init("");
    CHECK_INT(tim_login("alice", setting(sigs[0], ""), on_outcome, expect(&astray)), TIM_SUCC);
    await(&astray);
    CHECK(astray.code != 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(tim_set_config("{\"set_config_socks5_proxy_info\":{\"socks5_proxy_info_ip\":\"\","
                             "\"socks5_proxy_info_port\":0}}", NULL, NULL), TIM_SUCC);
    init("");
    COMPLETED(TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED,
              tim_login("alice", "secret-garbage", CB));
    for (int i = 1; i < 4; i++) {
        struct outcome outcome = {0};
        CHECK_INT(tim_login("alice", setting(sigs[i], ""), on_outcome, expect(&outcome)), TIM_SUCC);
        await(&outcome);
        CHECK(outcome.code != 0);
    }
    login();
    COMPLETED(TIM_SUCC, tim_msg_send_message("alice", TIM_CONV_C2C, message, NULL, CB));
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C, message, NULL, CB));
    /* Refused: by its JSON, by its kind, by its size, by the server. */
    CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, "{\"secret-text\"", NULL, NULL, NULL), TIM_ERR_JSON);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_send_message("bob", TIM_CONV_C2C, "{\"message_elem_array\":\"secret-text\"}", NULL,
                                   CB));
    memset(large, 'x', sizeof large - 1);
    snprintf(text, sizeof text,
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"secret-text%s\"}]}", large);
    COMPLETED(8001, tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, CB));
    struct outcome refused = {0};
    CHECK_INT(tim_msg_send_message("nobody", TIM_CONV_C2C, message, NULL, on_outcome, expect(&refused)), TIM_SUCC);
    await(&refused);
    CHECK(refused.code != 0);
    COMPLETED(TIM_SUCC, tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{}", CB));
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    COMPLETED(TIM_SUCC, tim_set_self_status("{\"user_status_custom_status\":\"secret-status\"}",
                                            CB));
    struct outcome status = {0};
    snprintf(text, sizeof text, "{\"user_status_custom_status\":\"secret-status%s\"}", large);
    CHECK_INT(tim_set_self_status(text, on_outcome, expect(&status)), TIM_SUCC);
    await(&status);
    CHECK(status.code != 0);
    COMPLETED(TIM_SUCC, tim_get_user_status("[\"alice\",\"bob\"]", CB));
    /* The ticket again over the open link, and one that is refused there. */
    login();
    struct outcome renewal = {0};
    CHECK_INT(tim_login("alice", setting(sigs[3], ""), on_outcome, expect(&renewal)), TIM_SUCC);
    await(&renewal);
    COMPLETED(TIM_SUCC, tim_logout(CB));
    CHECK_INT(tim_uninit(), TIM_SUCC);
    /* It did tell of all this. */
    CHECK_INT(told_times(" core logged in"), 1);
    CHECK_INT(told_times(" core login failed: "), 5);
    CHECK_INT(times(written(), " core logged in"), 1);
    CHECK(told_times(" ffi tim_set_self_status returns 0") > 0);
    no_part_of("secret-");
    for (int i = 0; i < 4; i++) {
        no_part_of(setting(sigs[i], ""));
    }
    no_part_of(setting("TIM_TEST_KEY", ""));
}

int main(void) {
    tim_set_log_callback(on_log, &lines);
    if (is_online()) {
        secrets();
        return 0;
    }
    before_and_after();
    packed_and_removed();
    nobody_waits();
    cannot_be_written();
    half_a_line();
    return 0;
}
