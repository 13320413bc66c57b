/*
 * libtim: chat for apps.
 *
 * LIFE CYCLE
 *   Register callbacks, tim_init, tim_login, work, tim_logout, tim_uninit. Every function may be
 *   called at any time from any thread; too early or too late only means a code. After a lost
 *   connection libtim reconnects and logs in again by itself, and what was sent meanwhile goes out
 *   then.
 *
 *       static void on_login(int32_t code, const char *desc, const char *json, const void *data) {
 *           printf("login: %d %s\n", (int)code, desc);
 *       }
 *       int main(void) {
 *           if (tim_init(1, "{\"sdk_config_server_url\":\"wss://localhost:7443\"}") != TIM_SUCC) {
 *               return 1;
 *           }
 *           tim_login("alice", user_sig, on_login, NULL);
 *           getchar();
 *           return tim_uninit();
 *       }
 *
 * CODES
 *   A function returns TIM_SUCC (0) when it accepted the call: its callback comes then, exactly
 *   once. After any other value it never comes. Those are TIM_ERR_SDKUNINIT to TIM_ERR_GROUP
 *   (-1 to -6), TIM_ERR_QUEUE_FULL when 20,000 calls wait for their callbacks already, and
 *   TIM_ERR_INTERNAL for a bug of libtim's own. A callback gets TIM_SUCC or another TIM_ERR_
 *   constant, and a text for the developer. Checks are made in this order: initialised; pointers,
 *   lengths, UTF-8; syntax of JSON (all three at once, by the value returned); logged in; keys and
 *   values (both later, by callback). A callback may be NULL; then what it would have been told
 *   about initialisation and login is returned: TIM_ERR_SDKUNINIT, TIM_ERR_NOTLOGIN.
 *   Not initialised: a call with a callback returns 0, and the callback is given
 *   TIM_ERR_SDK_NOT_INITIALIZED before the call returns. The child of a fork is not initialised
 *   for good when libtim was running at the fork.
 *
 * THREADS
 *   Callbacks run one at a time, in order: in "thread" mode (the default) on one thread of libtim,
 *   in "poll" mode inside tim_poll, on a thread of the app. In thread mode a callback may run
 *   before the call that causes it has returned: store what it needs before calling. Every
 *   function may be called inside a callback, but for tim_poll. A slow callback keeps the others
 *   waiting, not the network. No lock of libtim is held while one runs. A C++ exception must not
 *   leave a callback; the process would end.
 *
 * TEXTS
 *   All texts are UTF-8 and end with NUL. What is passed in is copied before the function returns:
 *   at most 64 KiB for plain text, 8 MiB for JSON. What a callback is given is valid until the
 *   callback returns. user_data is handed through and never looked at.
 *
 * JSON
 *   Numbers are numbers, also those of 64 bits (message_unique_id): read them as integers. Times
 *   are seconds where nothing else is said. Unknown keys are ignored, of a key that comes twice
 *   the last value counts, nesting is limited to 128. Numbers of enums are the constants below.
 */
