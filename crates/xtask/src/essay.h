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
 *           if (tim_init(1, "{\"sdk_config_server_url\":\"wss://localhost:8443\"}") != TIM_SUCC) {
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
 *   about initialisation and login is returned: TIM_ERR_SDKUNINIT, TIM_ERR_NOTLOGIN. A call without
 *   one that is accepted while libtim is suspended comes to nothing (TIM_ERR_SUSPENDED), unsaid;
 *   functions that take no callback return that.
 *   Not initialised: a call with a callback returns 0, and the callback is given
 *   TIM_ERR_SDK_NOT_INITIALIZED before the call returns. The child of a fork is not initialised
 *   for good when libtim was running at the fork.
 *
 * THREADS
 *   Callbacks run one at a time, in order: in "thread" mode (the default) on one thread of libtim,
 *   in "poll" mode inside tim_poll, on a thread of the app. Two may run beside them, on whatever
 *   thread causes them: the log callback while libtim is not initialised, and the wake-up callback
 *   of poll mode. Lines that a log callback causes itself are not told to it. In thread mode a
 *   callback may run
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
 *   Numbers are numbers, also those of 64 bits (message_unique_id, places in the list of
 *   conversations): read them as integers. Times
 *   are seconds where nothing else is said. Unknown keys are ignored, of a key that comes twice
 *   the last value counts, nesting is limited to 128. Numbers of enums are the constants below.
 *   Integers are written without fraction or exponent (3, not 3.0). Leave an optional key out
 *   rather than giving null. Who reads JSON with 53-bit numbers (JavaScript) takes message_msg_id,
 *   a text, as the key of a message, and not message_unique_id.
 *
 * OBJECTS
 *   Message, as callbacks give it:
 *     message_conv_id, message_conv_type   the conversation: user ID of the other one and TIM_CONV_C2C,
 *                                          or group ID and TIM_CONV_GROUP
 *     message_sender                       user ID of the sender; @TIM#SYSTEM of what the server tells a
 *                                          group
 *     message_is_from_self                 sent by the logged-in user, on whichever device
 *     message_msg_id                       its identity: text, made by the sender, never changes
 *     message_unique_id                    the same as an unsigned 64-bit number, less reliable
 *     message_seq                          place in the conversation from 1; 0 until accepted
 *     message_client_time                  clock of the sender, seconds
 *     message_server_time                  clock of the server, seconds; 0 until accepted
 *     message_rand                         random part of the identity
 *     message_status                       TIM_MSG_SENDING, TIM_MSG_SEND_SUCC, TIM_MSG_SEND_FAIL,
 *                                          TIM_MSG_LOCAL_IMPORTED, TIM_MSG_REVOKED, TIM_MSG_CANCEL
 *     message_version                      0, or the change of its conversation by which it last
 *                                          changed: the higher one is newer
 *     message_revoker_user_id, message_revoke_reason   of a message that was taken back: by whom;
 *                                          the reason is empty when a client took it back
 *     message_is_read                      read by the logged-in user
 *     message_is_peer_read                 read by the other one
 *     message_platform, message_priority   a tim_platform, a tim_msg_priority (0, high, when the
 *                                          sender gave none)
 *     message_is_online_msg, message_need_read_receipt, message_support_message_extension,
 *     message_is_excluded_from_unread_count, message_excluded_from_last_message,
 *     message_excluded_from_content_moderation, message_is_forward_message
 *                                          booleans, as the sender set them
 *     message_cloud_custom_str             text of the app that travels with it
 *     message_custom_int, message_custom_str   number (32 bits, unsigned) and text of this device
 *     message_elem_array                   see tim_msg_send_message
 *   ConvInfo, a conversation:
 *     conv_id, conv_type                   user ID of the other one and TIM_CONV_C2C, or group ID and
 *                                          TIM_CONV_GROUP
 *     conv_show_name, conv_face_url        what to show: name and picture of a group; of a user the user
 *                                          ID and "" in this version
 *     conv_unread_num                      unread messages
 *     conv_active_time                     when a message last moved it, milliseconds since 1970;
 *                                          lists have the pinned ones first, then those that moved
 *                                          last, by a message or by a draft
 *     conv_is_has_lastmsg, conv_last_msg   whether there is a last message, and it: a Message
 *     conv_c2c_read_timestamp              server time of the newest message read, seconds; 0: none
 *     conv_is_has_draft, conv_draft        whether there is a draft, and it: draft_msg,
 *                                          draft_user_define, draft_edit_time (when it was set, by
 *                                          the clock of the server, seconds)
 *     conv_is_pinned, conv_custom_data     as they were set
 *     conv_mark_array                      its marks, each one bit of 64
 *     conv_conversation_group_array        names of the conversation groups that it is in
 *     conv_group_type                      a tim_group_type; of groups only
 *     conv_group_read_sequence             newest message read; of groups only
 *   Element of what the server tells a group (elem_type TIM_ELEM_GROUP_TIPS):
 *     group_tips_elem_tip_type             a tim_group_tip_type: TIM_GROUP_TIP_INVITE, _QUIT
 *     group_tips_elem_join_type            a tim_group_join_type, when somebody came in
 *     group_tips_elem_op_user              user ID of who did it
 *     group_tips_elem_group_id             the group
 *     group_tips_elem_user_array           user IDs of those to whom it happened
 *     group_tips_elem_member_num           how many members there are then
 *   TIMUserStatus:
 *     user_status_identifier               user ID
 *     user_status_status_type              a tim_user_status_type; unknown for who never registered
 *     user_status_custom_status            text of the user; "" when not online
 *     user_status_online_devices           platforms with a connection: "Windows", "Android",
 *                                          "iOS", "Mac", "Other" (Linux among them)
 *   MessageReceipt:
 *     msg_receipt_conv_id, msg_receipt_conv_type   the one who read, TIM_CONV_C2C
 *     msg_receipt_time_stamp               when, seconds
 *     msg_receipt_is_peer_read             true
 */
