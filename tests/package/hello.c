/* The smallest program that uses the library: a life without a server. */
#include <stdio.h>
#include <string.h>

#include "tim.h"

int main(int argc, char **argv) {
    char config[1024];
    if (argc != 2) {
        return 2;
    }
    snprintf(config, sizeof config,
             "{\"sdk_config_config_file_path\":\"%s\",\"sdk_config_log_file_path\":\"%s\"}", argv[1], argv[1]);
    if (tim_init(1400000001, config) != 0) {
        return 1;
    }
    if (tim_get_login_status() != TIM_LOGIN_STATUS_UN_LOGINED) {
        return 1;
    }
    if (tim_uninit() != 0) {
        return 1;
    }
    printf("hello %s\n", tim_get_sdk_version());
    return strlen(tim_get_sdk_version()) == 0;
}
