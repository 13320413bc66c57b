/* dlopen, use, dlclose, and again: the library stays where it is. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef int (*init_function)(uint64_t, const char *);
typedef int (*uninit_function)(void);

int main(void) {
    const char *library = getenv("TIM_TEST_LIBRARY");
    for (int i = 0; i < 10; i++) {
        void *handle = dlopen(library, RTLD_NOW);
        if (handle == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        char config[1024];
        init_function init = (init_function)(uintptr_t)dlsym(handle, "tim_init");
        uninit_function uninit = (uninit_function)(uintptr_t)dlsym(handle, "tim_uninit");
        snprintf(config, sizeof config,
                 "{\"sdk_config_config_file_path\":\"%s\",\"sdk_config_log_file_path\":\"%s\"}",
                 getenv("TIM_TEST_DIR"), getenv("TIM_TEST_DIR"));
        if (init(1, config) != 0 || uninit() != 0) {
            return 2;
        }
        /* Once without uninit: its threads go on in memory that must still be there. */
        if (i == 9 && init(1, config) != 0) {
            return 3;
        }
        if (dlclose(handle) != 0) {
            return 4;
        }
    }
    usleep(200000);
    return 0;
}
