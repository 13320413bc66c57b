/* A program with a console, as on every other system: callbacks on a thread of libtim. And what
 * Windows has of its own: two processes and one database, names of folders, the default folders.
 *
 *   plain                all of it
 *   plain second FOLDER  the second process: the database is in use */
#include <wchar.h>

#include "common.h"

static void login(int wanted) {
    struct outcome outcome = {0};
    CHECK_INT(tim_login(setting("TIM_USER"), setting("TIM_USER_SIG"), on_outcome, &outcome), TIM_SUCC);
    CHECK(sleep_until(&outcome.calls, 1, LONG_TIME));
    CHECK_INT(outcome.code, wanted);
    CHECK(outcome.thread != GetCurrentThreadId());
}

static DWORD again(const char *folder) {
    char program[MAX_PATH], line[2048];
    STARTUPINFOA how;
    PROCESS_INFORMATION process;
    DWORD code = 99;
    memset(&how, 0, sizeof how);
    how.cb = sizeof how;
    CHECK(GetModuleFileNameA(NULL, program, sizeof program) > 0);
    snprintf(line, sizeof line, "\"%s\" second %s", program, folder);
    CHECK(CreateProcessA(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &how, &process));
    CHECK_INT(WaitForSingleObject(process.hProcess, LONG_TIME), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process.hProcess, &code));
    return code;
}

/* How many files of that kind a folder has; names in UTF-8. */
static int count(const char *folder, const char *pattern) {
    char text[2048];
    wchar_t wide[2048];
    WIN32_FIND_DATAW entry;
    int found = 0;
    snprintf(text, sizeof text, "%s/%s", folder, pattern);
    CHECK(MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, 2048) > 0);
    HANDLE search = FindFirstFileW(wide, &entry);
    if (search != INVALID_HANDLE_VALUE) {
        do found++;
        while (FindNextFileW(search, &entry));
        FindClose(search);
    }
    return found;
}

static int count_below(const char *folder, const char *inner, const char *pattern) {
    char text[2048];
    snprintf(text, sizeof text, "%s/%s/%s", setting("TIM_DIR"), folder, inner);
    return count(text, pattern);
}

int main(int argc, char **argv) {
    /* Umlauts, and letters that no code page of the test machine has, as UTF-8. */
    static const char *const odd = "J\xc3\xbcrgen \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e";
    char data[512], path[1200], local[4096], deep[1200];
    wchar_t wide[1200];

    if (argc == 3) {
        init(argv[2], "");
        login(TIM_ERR_DB_IN_USE);
        return tim_uninit();
    }
    snprintf(data, sizeof data, "data/%s", setting("TIM_APP_ID"));
    init("first", "");
    login(0);
    CHECK_INT(again("first"), 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(count_below("first", data, "*.db"), 1);
    CHECK_INT(count_below("first", "log", "tim-*.log"), 1);

    init(odd, "thread");
    login(0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(count_below(odd, data, "*.db"), 1);
    CHECK_INT(count_below(odd, "log", "tim-*.log"), 1);

    /* Longer than the 260 that Windows takes without more ado. */
    strcpy(deep, "deep");
    for (int i = 0; i < 6; i++) {
        strcat(deep, "/a folder whose name has fifty letters or even more");
    }
    init(deep, "thread");
    login(0);
    CHECK_INT(tim_uninit(), TIM_SUCC);

    /* The user's own folders, when nothing is said, for a user with such a name. */
    snprintf(path, sizeof path, "%s/%s/Local", setting("TIM_DIR"), odd);
    CHECK(MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 1200) > 0);
    CHECK(SetEnvironmentVariableW(L"LOCALAPPDATA", wide));
    CHECK_INT(tim_init(strtoull(setting("TIM_APP_ID"), NULL, 10), NULL), TIM_SUCC);
    login(0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    snprintf(local, sizeof local, "%s/libtim/%s", path, data);
    CHECK_INT(count(local, "*.db"), 1);
    snprintf(local, sizeof local, "%s/libtim/log", path);
    CHECK_INT(count(local, "tim-*.log"), 1);

    CHECK_INT(tim_init(1, config("none", "window or so")), TIM_ERR_PARAM);
    return 0;
}
