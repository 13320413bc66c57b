/* A program with a SQLite of its own: each side has to call its own functions. */
#include <stdio.h>
#include <string.h>

#include "tim.h"

static int calls;

/* The library's store calls functions of these names; these are not them. */
const char *sqlite3_libversion(void) { return "the program's own"; }
int sqlite3_open_v2(const char *name, void **db, int flags, const char *vfs) {
    (void)name, (void)db, (void)flags, (void)vfs;
    calls++;
    return 1;
}
int sqlite3_initialize(void) {
    calls++;
    return 1;
}
int sqlite3_step(void *statement) {
    (void)statement;
    calls++;
    return 1;
}

static void logged_in(int32_t code, const char *desc, const char *json, const void *user_data) {
    (void)code, (void)desc, (void)json, (void)user_data;
}

/* Folder and ticket: a login opens the local database before it looks for the server. */
int main(int argc, char **argv) {
    char config[1024];
    if (argc != 3) {
        return 2;
    }
    snprintf(config, sizeof config,
             "{\"sdk_config_config_file_path\":\"%s\",\"sdk_config_log_file_path\":\"%s\","
             "\"sdk_config_server_url\":\"wss://127.0.0.1:1/v1\"}",
             argv[1], argv[1]);
    if (tim_init(1400000001, config) != 0 || tim_login("alice", argv[2], logged_in, NULL) != 0 || tim_uninit() != 0) {
        return 1;
    }
    if (calls != 0) {
        fprintf(stderr, "the library called the program's SQLite\n");
        return 1;
    }
    printf("%s\n", sqlite3_libversion());
    return strcmp(sqlite3_libversion(), "the program's own") != 0;
}
