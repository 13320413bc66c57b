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

#ifndef TIM_H
#define TIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Version of this header. tim_get_sdk_version tells the library's.
 */
#define TIM_VERSION "0.1.0"
#define TIM_VERSION_MAJOR 0
#define TIM_VERSION_MINOR 1
#define TIM_VERSION_PATCH 0

#ifndef TIM_API
#if defined(_WIN32) && !defined(TIM_STATIC)
#define TIM_API __declspec(dllimport)
#elif defined(__GNUC__)
#define TIM_API __attribute__((visibility("default")))
#else
#define TIM_API
#endif
#endif

/*
 * Codes of callbacks. tim_error_name gives the name of a number. 120001 to 130000 are left to the
 * app's own webhook.
 */

/** Requests arrive faster than the server accepts them; slow down before retrying. */
#define TIM_ERR_SVR_SSO_FREQUENCY_LIMIT (-20009)
/** The server has more work than it can take; retry after a pause that grows. */
#define TIM_ERR_SVR_SSO_OVERLOAD (-10114)
/** This user sends requests of this kind too fast; space them out. */
#define TIM_ERR_SVR_SSO_FREQ_LIMIT (-10113)
/** The app id was retired; ask whoever runs the server for a valid one. */
#define TIM_ERR_SVR_SSO_APPID_WITHOUT_USING (-10112)
/** This operation is barred for the app id by the server's operator. */
#define TIM_ERR_SVR_SSO_CMD_BLACK_LIST (-10111)
/** The app id is barred by the server's operator. */
#define TIM_ERR_SVR_SSO_APPID_BLACK_LIST (-10110)
/** The server could not make sense of a request; update the library or report a bug. */
#define TIM_ERR_SVR_SSO_PACKET_WRONG (-10109)
/** The account that pays for this service has run out of credit. */
#define TIM_ERR_SVR_SSO_PREPAID_ARREARS (-10108)
/** The server takes no bundled requests on this link; send them one by one. */
#define TIM_ERR_SVR_SSO_UNSURPPORT (-10107)
/** The session key failed to decrypt too often; log in again. */
#define TIM_ERR_SVR_SSO_D2KEY_WRONG (-10106)
/** The access layer closed the session of its own accord; reconnect. */
#define TIM_ERR_SVR_SSO_MSFSDK_QUIT (-10105)
/** The client side closed the session; reconnect if that was not meant. */
#define TIM_ERR_SVR_SSO_CLIENT_CLOSE (-10104)
/** The identity behind the session is no longer accepted; log in again. */
#define TIM_ERR_SVR_SSO_IDENTIFIER_INVALID (-10103)
/** The access layer dropped the connection; wait for the reconnect. */
#define TIM_ERR_SVR_SSO_DISCONNECT (-10102)
/** The session key ran out while a notice was being delivered; log in again. */
#define TIM_ERR_SVR_SSO_DOWN_TIP (-10101)
/** The session cookie does not belong to this connection; log in again. */
#define TIM_ERR_SVR_SSO_COOKIE_INVALID (-10009)
/** The request carried neither a session key nor a ticket; log in first. */
#define TIM_ERR_SVR_SSO_NO_IMEI_AND_A2 (-10008)
/** The captcha was not answered in time; ask for a new one. */
#define TIM_ERR_SVR_SSO_VCODE_TIMEOUT (-10007)
/** The session key belongs to another account than the request names. */
#define TIM_ERR_SVR_SSO_UIN_INVALID (-10006)
/** The session key is empty; log in again. */
#define TIM_ERR_SVR_SSO_EMPTY_KEY (-10005)
/** The server turned down the session ticket, possibly for safety; log in again. */
#define TIM_ERR_SVR_SSO_A2_DOWN_INVALID (-10004)
/** The session ticket has run out; log in again with a fresh user sig. */
#define TIM_ERR_SVR_SSO_A2_UP_INVALID (-10003)
/** The session key has run out; log in again with a fresh user sig. */
#define TIM_ERR_SVR_SSO_D2_EXPIRED (-10001)
/** The captcha marker in the request is wrong. */
#define TIM_ERR_SVR_SSO_VCODE (-10000)
/** The server holds as many connections as it can; retry later. */
#define TIM_ERR_SVR_SSO_CONNECT_LIMIT (-302)
/** The call did what was asked. */
#define TIM_ERR_SUCC 0
/** Another process has this account's database open; close it there, or give this process a folder of its own. */
#define TIM_ERR_DB_IN_USE 5001
/** A newer libtim wrote the database; update this program, the file was left as it is. */
#define TIM_ERR_DB_TOO_NEW 5002
/** The database was damaged, so it was moved aside and is being filled again from the server. */
#define TIM_ERR_DB_RESET 5003
/** The server's certificate is for another host name; check the server URL. */
#define TIM_ERR_TLS_HOST_MISMATCH 5010
/** The server's certificate has expired; renew it, or set the clock right. */
#define TIM_ERR_TLS_CERT_EXPIRED 5011
/** The server's certificate comes from an issuer that is not trusted here; name its CA file in the config. */
#define TIM_ERR_TLS_UNKNOWN_ISSUER 5012
/** The server's key is none of the pinned ones; the pins are old or somebody sits in between. */
#define TIM_ERR_TLS_PIN_MISMATCH 5013
/** The server answered in plaintext where TLS was expected; check the port and the URL scheme. */
#define TIM_ERR_TLS_NOT_TLS 5014
/** The TLS handshake failed for another reason, which the description tells. */
#define TIM_ERR_TLS_FAILED 5015
/** The server's certificate is not valid yet; set the clock right, here or where it was made. */
#define TIM_ERR_TLS_CERT_NOT_YET_VALID 5016
/** The server does not speak TLS 1.2 or 1.3; update it, or what stands in front of it. */
#define TIM_ERR_TLS_TOO_OLD 5017
/** The server refuses this version of the client; update libtim or the server. */
#define TIM_ERR_VERSION_REFUSED 5020
/** Something answered at the server URL, but it is no timd; check host, port and path. */
#define TIM_ERR_NOT_A_TIM_SERVER 5021
/** No server URL is configured; set sdk_config_server_url or TIM_SERVER_URL. */
#define TIM_ERR_NO_SERVER 5022
/** The server URL cannot be used; write it as wss://host:port/path. */
#define TIM_ERR_BAD_SERVER_URL 5023
/** The server takes no more clients just now; libtim tries again by itself. */
#define TIM_ERR_SERVER_BUSY 5024
/** The server is shutting down; libtim reconnects by itself. */
#define TIM_ERR_SERVER_SHUTDOWN 5025
/** The other side broke the protocol and the link was closed; report it with both versions. */
#define TIM_ERR_PROTOCOL 5026
/** Too many calls or callbacks are pending; let some of them finish first. */
#define TIM_ERR_QUEUE_FULL 5030
/** Another thread is inside tim_poll, or the last tim_uninit has not finished; try again in a moment. */
#define TIM_ERR_BUSY 5031
/** libtim hit a bug of its own and caught it at the border; please report it with the log. */
#define TIM_ERR_INTERNAL 5032
/** libtim does not offer this here. */
#define TIM_ERR_NOT_SUPPORTED 5033
/** This may not be called from inside a callback; do it after the callback has returned. */
#define TIM_ERR_IN_CALLBACK 5034
/** The outbox holds as many unsent messages as it may; wait until some have gone out. */
#define TIM_ERR_OUTBOX_FULL 5035
/** The server does not know this operation; it is probably older than the client. */
#define TIM_ERR_UNKNOWN_OP 5036
/** This process is a fork of the one that called tim_init; start libtim after forking. */
#define TIM_ERR_FORKED 5037
/** libtim is suspended; call tim_resume first. */
#define TIM_ERR_SUSPENDED 5038
/** The SOCKS5 proxy cannot be reached; check its address and port. */
#define TIM_ERR_PROXY_UNREACHABLE 5040
/** The SOCKS5 proxy refuses the login; check name and password. */
#define TIM_ERR_PROXY_LOGIN 5041
/** The SOCKS5 proxy does not make the connection, or is none; the description tells. */
#define TIM_ERR_PROXY_FAILED 5042
/** An answer of the server could not be read; the two versions may not fit. */
#define TIM_ERR_PARSE_RESPONSE_FAILED 6001
/** The request could not be written as a packet; look for odd values in its fields. */
#define TIM_ERR_SERIALIZE_REQ_FAILED 6002
/** Old: every item of the batch failed. */
#define TIM_ERR_NO_SUCC_RESULT 6003
/** There is no such conversation, or it was asked for before login. */
#define TIM_ERR_INVALID_CONVERSATION 6004
/** Messages could not be read from the local database; the file may be broken. */
#define TIM_ERR_LOADMSG_FAILED 6005
/** The file server did not authorise the transfer; log in again and retry. */
#define TIM_ERR_FILE_TRANS_AUTH_FAILED 6006
/** No file server is known for the transfer; check the server's set-up. */
#define TIM_ERR_FILE_TRANS_NO_SERVER 6007
/** The upload broke off; check the network and send again. */
#define TIM_ERR_FILE_TRANS_UPLOAD_FAILED 6008
/** The download broke off, or the server has dropped the file, which it keeps for 7 days by default. */
#define TIM_ERR_FILE_TRANS_DOWNLOAD_FAILED 6009
/** An HTTP request to the file server failed; check the network and retry. */
#define TIM_ERR_HTTP_REQ_FAILED 6010
/** Old: the receiver is not valid. */
#define TIM_ERR_TO_USER_INVALID 6011
/** Old: the request got no answer in time. */
#define TIM_ERR_REQUEST_TIME_OUT 6012
/** libtim is not running; call tim_init first, or stop calling after tim_uninit. */
#define TIM_ERR_SDK_NOT_INITIALIZED 6013
/** Nobody is logged in; wait for the login callback, or log in again after a kick. */
#define TIM_ERR_SDK_NOT_LOGGED_IN 6014
/** The same thing is already being done; wait until the first call completes. */
#define TIM_ERR_IN_PROGESS 6015
/** An element of the message is not valid; check its elem_type and its keys. */
#define TIM_ERR_INVALID_MSG_ELEM 6016
/** A parameter is missing or wrong; the description names it. */
#define TIM_ERR_INVALID_PARAMETERS 6017
/** Old: the core did not start. */
#define TIM_ERR_INIT_CORE_FAIL 6018
/** The local database refused an operation; check folder rights, free space and the file itself. */
#define TIM_ERR_DATABASE_OPERATE_FAILED 6019
/** Old: the session has no node. */
#define TIM_ERR_EXPIRED_SESSION_NODE 6020
/** The object was not made by the library or is no longer usable. */
#define TIM_ERR_INVALID_SDK_OBJECT 6021
/** Reading or writing a local file failed; look at its rights and the free space. */
#define TIM_ERR_IO_OPERATION_FAILED 6022
/** The login was given up because of a logout or the login of another user. */
#define TIM_ERR_LOGGED_OUT_BEFORE_LOGIN_FINISHED 6023
/** Old: the ticket module was not started. */
#define TIM_ERR_TLSSDK_NOT_INITIALIZED 6024
/** Old: the ticket module has no such user. */
#define TIM_ERR_TLSSDK_USER_NOT_FOUND 6025
/** Automatic login needs an earlier login of this user on this device. */
#define TIM_ERR_NO_PREVIOUS_LOGIN 6026
/** The text is not valid JSON. */
#define TIM_ERR_INVALID_JSON 6027
/** Memory ran out. */
#define TIM_ERR_OUT_OF_MEMORY 6028
/** The file to send as an image is not an image that can be read. */
#define TIM_ERR_IMAGE_UPLOAD_FAILED_NOTIMAGE 6031
/** The receiver of the message is not valid; check its ID and the conversation type. */
#define TIM_ERR_INVALID_MSG_RECEIVER 6032
/** Old: binding failed for an unknown reason. */
#define TIM_ERR_BIND_FAIL_UNKNOWN 6100
/** Old: binding lacked its ticket. */
#define TIM_ERR_BIND_FAIL_NO_SSOTICKET 6101
/** Old: binding was done twice. */
#define TIM_ERR_BIND_FAIL_REPEATD_BIND 6102
/** Old: binding lacked the numeric id. */
#define TIM_ERR_BIND_FAIL_TINYID_NULL 6103
/** Old: binding lacked the device id. */
#define TIM_ERR_BIND_FAIL_GUID_NULL 6104
/** Old: binding could not unpack the registration. */
#define TIM_ERR_BIND_FAIL_UNPACK_REGPACK_FAILED 6105
/** Old: binding waited too long for the registration. */
#define TIM_ERR_BIND_FAIL_REG_TIMEOUT 6106
/** Old: binding is still under way. */
#define TIM_ERR_BIND_FAIL_ISBINDING 6107
/** Old: the packet failed for an unknown reason. */
#define TIM_ERR_PACKET_FAIL_UNKNOWN 6120
/** Old: there was no network to send the packet. */
#define TIM_ERR_PACKET_FAIL_REQ_NO_NET 6121
/** Old: the network went away before the answer. */
#define TIM_ERR_PACKET_FAIL_RESP_NO_NET 6122
/** Old: the packet was not authorised. */
#define TIM_ERR_PACKET_FAIL_REQ_NO_AUTH 6123
/** Old: the access layer failed the packet. */
#define TIM_ERR_PACKET_FAIL_SSO_ERR 6124
/** Old: the packet's request took too long. */
#define TIM_ERR_PACKET_FAIL_REQ_TIMEOUT 6125
/** Old: the packet's answer took too long. */
#define TIM_ERR_PACKET_FAIL_RESP_TIMEOUT 6126
/** Old: sending the packet again failed. */
#define TIM_ERR_PACKET_FAIL_REQ_ON_RESEND 6127
/** Old: the packet was not truly sent again. */
#define TIM_ERR_PACKET_FAIL_RESP_NO_RESEND 6128
/** Old: the packet was filtered out on storing. */
#define TIM_ERR_PACKET_FAIL_FLOW_SAVE_FILTERED 6129
/** Old: too many packets at once. */
#define TIM_ERR_PACKET_FAIL_REQ_OVER_LOAD 6130
/** Old: the packet broke a rule. */
#define TIM_ERR_PACKET_FAIL_LOGIC_ERR 6131
/** Old: the friend list is not synced yet. */
#define TIM_ERR_FRIENDSHIP_PROXY_NOT_SYNCED 6150
/** Old: the friend list is being synced. */
#define TIM_ERR_FRIENDSHIP_PROXY_SYNCING 6151
/** Old: syncing the friend list failed. */
#define TIM_ERR_FRIENDSHIP_PROXY_SYNCED_FAIL 6152
/** Old: the friend list call has bad parameters. */
#define TIM_ERR_FRIENDSHIP_PROXY_LOCAL_CHECK_ERR 6153
/** Old: an unknown group field was asked for. */
#define TIM_ERR_GROUP_INVALID_FIELD 6160
/** Old: groups are not kept locally. */
#define TIM_ERR_GROUP_STORAGE_DISABLED 6161
/** Old: the group's profile did not load. */
#define TIM_ERR_LOADGRPINFO_FAILED 6162
/** Old: there was no network for the request. */
#define TIM_ERR_REQ_NO_NET_ON_REQ 6200
/** Old: there was no network for the answer. */
#define TIM_ERR_REQ_NO_NET_ON_RSP 6201
/** Old: the service is not up yet. */
#define TIM_ERR_SERIVCE_NOT_READY 6205
/** The user sig has run out; fetch a new one from your server and log in again. */
#define TIM_ERR_USER_SIG_EXPIRED 6206
/** Old: the account was not authenticated. */
#define TIM_ERR_LOGIN_AUTH_FAILED 6207
/** The same account logged in elsewhere and this session ended; log in again if the user wants it here. */
#define TIM_ERR_LOGIN_KICKED_OFF_BY_OTHER 6208
/** Old: no connection was made since the start. */
#define TIM_ERR_NEVER_CONNECT_AFTER_LAUNCH 6209
/** Old: the access layer failed the request. */
#define TIM_ERR_REQ_FAILED 6210
/** Old: the request is not valid. */
#define TIM_ERR_REQ_INVALID_REQ 6211
/** Old: too many requests are waiting. */
#define TIM_ERR_REQ_OVERLOADED 6212
/** Old: another device took over the session. */
#define TIM_ERR_REQ_KICK_OFF 6213
/** Old: the service is halted. */
#define TIM_ERR_REQ_SERVICE_SUSPEND 6214
/** Old: the request's signature is wrong. */
#define TIM_ERR_REQ_INVALID_SIGN 6215
/** Old: the request's cookie is wrong. */
#define TIM_ERR_REQ_INVALID_COOKIE 6216
/** Old: the login answer could not be unpacked. */
#define TIM_ERR_LOGIN_TLS_RSP_PARSE_FAILED 6217
/** Old: the online report after login took too long. */
#define TIM_ERR_LOGIN_OPENMSG_TIMEOUT 6218
/** Old: the answer to the online report could not be unpacked. */
#define TIM_ERR_LOGIN_OPENMSG_RSP_PARSE_FAILED 6219
/** Old: the login answer could not be decrypted. */
#define TIM_ERR_LOGIN_TLS_DECRYPT_FAILED 6220
/** Old: the Wi-Fi wants a sign-in of its own. */
#define TIM_ERR_WIFI_NEED_AUTH 6221
/** Old: the user called it off. */
#define TIM_ERR_USER_CANCELED 6222
/** Old: the time for recalling this message is over. */
#define TIM_ERR_REVOKE_TIME_LIMIT_EXCEED 6223
/** Old: the short-video extension is not present. */
#define TIM_ERR_LACK_UGC_EXT 6224
/** Old: automatic login needs a new user sig. */
#define TIM_ERR_AUTOLOGIN_NEED_USERSIG 6226
/** Old: no network for the request; try later. */
#define TIM_ERR_REQUEST_NO_NET_ONREQ 6250
/** Old: no network for the answer; try later. */
#define TIM_ERR_REQUEST_NO_NET_ONRSP 6251
/** Old: the access layer failed (second number). */
#define TIM_ERR_REQUEST_FAILED 6252
/** Old: the request is not valid (second number). */
#define TIM_ERR_REQUEST_INVALID_REQ 6253
/** Old: too many requests are waiting (second number). */
#define TIM_ERR_REQUEST_OVERLOADED 6254
/** Old: another device took over (second number). */
#define TIM_ERR_REQUEST_KICK_OFF 6255
/** Old: the service is halted (second number). */
#define TIM_ERR_REQUEST_SERVICE_SUSPEND 6256
/** Old: the signature is wrong (second number). */
#define TIM_ERR_REQUEST_INVALID_SIGN 6257
/** Old: the cookie is wrong (second number). */
#define TIM_ERR_REQUEST_INVALID_COOKIE 6258
/** Old: no short connection could be had. */
#define TIM_ERR_QAL_NO_SHORT_CONN_AVAILABLE 6300
/** The call came from a thread it is not allowed on. */
#define TIM_ERR_SDK_COMM_CROSS_THREAD 7001
/** The internal id of the user is missing; log in again. */
#define TIM_ERR_SDK_COMM_TINYID_EMPTY 7002
/** The user ID is not valid: use 1 to 32 letters, digits, '_' or '-'. */
#define TIM_ERR_SDK_COMM_INVALID_IDENTIFIER 7003
/** The file is not there; check the path. */
#define TIM_ERR_SDK_COMM_FILE_NOT_FOUND 7004
/** The file is too big: 28 MB for images and sounds, 100 MB for videos and other files. */
#define TIM_ERR_SDK_COMM_FILE_TOO_LARGE 7005
/** The file has no content. */
#define TIM_ERR_SDK_COMM_FILE_SIZE_EMPTY 7006
/** The file did not open; it is missing, locked or not readable for this process. */
#define TIM_ERR_SDK_COMM_FILE_OPEN_FAILED 7007
/** This function is called too often; call it less, or keep its result. */
#define TIM_ERR_SDK_COMM_API_CALL_FREQUENCY_LIMIT 7008
/** The call was cut short by tim_uninit or another shutdown; nothing more will come of it. */
#define TIM_ERR_SDK_COMM_INTERRUPT 7009
/** The local database failed; the log tells why. */
#define TIM_ERR_SDK_COMM_DATABASE_FAILURE 7010
/** The local database has no such entry. */
#define TIM_ERR_SDK_COMM_DATABASE_NOTFOUND 7011
/** Something happened that should not be possible; report it with the log. */
#define TIM_ERR_SDK_INTERNAL_ERROR 7012
/** The plan that this app id has on the server does not include the feature. */
#define TIM_ERR_SDK_INTERFACE_NOT_SUPPORT 7013
/** The operation is not allowed in this situation. */
#define TIM_ERR_SDK_INVALID_OPERATION 7014
/** A login is still under way; wait for its callback. */
#define TIM_ERR_SDK_ACCOUNT_LOGIN_IN_PROCESS 7501
/** A logout is still under way; wait for its callback. */
#define TIM_ERR_SDK_ACCOUNT_LOGOUT_IN_PROCESS 7502
/** The ticket module did not start. */
#define TIM_ERR_SDK_ACCOUNT_TLS_INIT_FAILED 7503
/** The ticket module has not been started. */
#define TIM_ERR_SDK_ACCOUNT_TLS_NOT_INITIALIZED 7504
/** The ticket module got a packet it cannot read. */
#define TIM_ERR_SDK_ACCOUNT_TLS_TRANSPKG_ERROR 7505
/** The ticket module could not decrypt an answer; log in again. */
#define TIM_ERR_SDK_ACCOUNT_TLS_DECRYPT_FAILED 7506
/** The ticket module's request failed; retry. */
#define TIM_ERR_SDK_ACCOUNT_TLS_REQUEST_FAILED 7507
/** The ticket module's request got no answer in time; retry. */
#define TIM_ERR_SDK_ACCOUNT_TLS_REQUEST_TIMEOUT 7508
/** The message is over the limit of 12 KB for all its elements together; send long content as a file. */
#define TIM_ERR_SDK_MSG_BODY_SIZE_LIMIT 8001
/** The answer belongs to another message than the one asked about. */
#define TIM_ERR_SDK_MSG_KEY_REQ_DIFFER_RSP 8002
/** The server could not convert the image. */
#define TIM_ERR_SDK_IMAGE_CONVERT_ERROR 8003
/** Moderation held back the preview of the image. */
#define TIM_ERR_SDK_IMAGE_CI_BLOCK 8004
/** Merged messages are packed into one another more than 100 levels deep. */
#define TIM_ERR_MERGER_MSG_LAYERS_OVER_LIMIT 8005
/** Someone changed the message before you; take the newer one and change that. */
#define TIM_ERR_SDK_MSG_MODIFY_CONFLICT 8006
/** The invitation is unknown, or it was answered, cancelled or timed out before. */
#define TIM_ERR_SDK_SIGNALING_INVALID_INVITE_ID 8010
/** You may not do this to the invitation; only its inviter cancels and only its invitees answer. */
#define TIM_ERR_SDK_SIGNALING_NO_PERMISSION 8011
/** There is nothing left to cancel: the message is unknown or has gone out. */
#define TIM_ERR_SDK_INVALID_CANCEL_MESSAGE 8020
/** The message was not sent because the app cancelled it. */
#define TIM_ERR_SDK_SEND_MESSAGE_FAILED_WITH_CANCEL 8021
/** The group ID is not valid: use 1 to 48 bytes of printable ASCII that do not start with @TGS#. */
#define TIM_ERR_SDK_GROUP_INVALID_ID 8501
/** The group name is not valid: use at most 30 bytes of UTF-8. */
#define TIM_ERR_SDK_GROUP_INVALID_NAME 8502
/** The introduction is not valid: use at most 240 bytes of UTF-8. */
#define TIM_ERR_SDK_GROUP_INVALID_INTRODUCTION 8503
/** The announcement is not valid: use at most 300 bytes of UTF-8. */
#define TIM_ERR_SDK_GROUP_INVALID_NOTIFICATION 8504
/** The URL of the group picture is not valid: use at most 100 bytes. */
#define TIM_ERR_SDK_GROUP_INVALID_FACE_URL 8505
/** The name card is not valid: use at most 50 bytes of UTF-8. */
#define TIM_ERR_SDK_GROUP_INVALID_NAME_CARD 8506
/** The group would have more members than its type allows; use a larger type. */
#define TIM_ERR_SDK_GROUP_MEMBER_COUNT_LIMIT 8507
/** Work (private) groups take no join requests; let a member invite the user. */
#define TIM_ERR_SDK_GROUP_JOIN_PRIVATE_GROUP_DENY 8508
/** An invitation cannot hand out the owner's role; change the owner afterwards. */
#define TIM_ERR_SDK_GROUP_INVITE_SUPER_DENY 8509
/** The invitation names nobody; give at least one user ID. */
#define TIM_ERR_SDK_GROUP_INVITE_NO_MEMBER 8510
/** Group attributes are read or written too often; gather changes and wait some seconds. */
#define TIM_ERR_SDK_GROUP_ATTR_FREQUENCY_LIMIT 8511
/** The online count of a group is given once a minute; keep the last answer. */
#define TIM_ERR_SDK_GROUP_GET_ONLINE_MEMBER_COUNT_LIMIT 8512
/** Group profiles are given once a second; ask for several groups in one call. */
#define TIM_ERR_SDK_GROUP_GET_GROUPS_INFO_LIMIT 8513
/** The list of joined groups is given once a second; keep it and follow the events. */
#define TIM_ERR_SDK_GROUP_GET_JOINED_GROUP_LIMIT 8514
/** The profile field is not valid: custom names have up to 8 letters, values up to 500 bytes. */
#define TIM_ERR_SDK_FRIENDSHIP_INVALID_PROFILE_KEY 9001
/** The friend remark is not valid: use at most 96 bytes of UTF-8. */
#define TIM_ERR_SDK_FRIENDSHIP_INVALID_ADD_REMARK 9002
/** The greeting of the friend request is not valid: use at most 120 bytes of UTF-8. */
#define TIM_ERR_SDK_FRIENDSHIP_INVALID_ADD_WORDING 9003
/** The source of the friend request is not valid: begin it with AddSource_Type_. */
#define TIM_ERR_SDK_FRIENDSHIP_INVALID_ADD_SOURCE 9004
/** The friend group is not valid: name it with 1 to 30 bytes of UTF-8. */
#define TIM_ERR_SDK_FRIENDSHIP_FRIEND_GROUP_EMPTY 9005
/** The limit on friends, requests or groups has been reached. */
#define TIM_ERR_SDK_FRIENDSHIP_EXCEED_THE_LIMIT 9006
/** A packet could not be encrypted; reconnect. */
#define TIM_ERR_SDK_NET_ENCODE_FAILED 9501
/** A packet could not be decrypted; reconnect. */
#define TIM_ERR_SDK_NET_DECODE_FAILED 9502
/** The link has no login yet; wait for the login callback. */
#define TIM_ERR_SDK_NET_AUTH_INVALID 9503
/** A packet could not be compressed. */
#define TIM_ERR_SDK_NET_COMPRESS_FAILED 9504
/** A packet could not be unpacked after compression. */
#define TIM_ERR_SDK_NET_UNCOMPRESS_FAILED 9505
/** Requests go out too fast, the limit being 5 a second; spread them. */
#define TIM_ERR_SDK_NET_FREQ_LIMIT 9506
/** 1000 requests are waiting already; let some finish. */
#define TIM_ERR_SDK_NET_REQ_COUNT_LIMIT 9507
/** There is no connection to the server; check the network, libtim keeps trying. */
#define TIM_ERR_SDK_NET_DISCONNECT 9508
/** The connection is up already. */
#define TIM_ERR_SDK_NET_ALLREADY_CONN 9509
/** The server did not take the connection in time; check address, port and firewall. */
#define TIM_ERR_SDK_NET_CONN_TIMEOUT 9510
/** The server's machine refused the connection; check that the server runs on this port. */
#define TIM_ERR_SDK_NET_CONN_REFUSE 9511
/** There is no way to the server's network; check the device's own connection. */
#define TIM_ERR_SDK_NET_NET_UNREACH 9512
/** The system has no buffer space left for sockets; close some connections. */
#define TIM_ERR_SDK_NET_SOCKET_NO_BUFF 9513
/** The server cut the connection; libtim reconnects by itself. */
#define TIM_ERR_SDK_NET_RESET_BY_PEER 9514
/** The socket is not usable any more. */
#define TIM_ERR_SDK_NET_SOCKET_INVALID 9515
/** The server's name has no address; check the URL and the DNS. */
#define TIM_ERR_SDK_NET_HOST_GETADDRINFO_FAILED 9516
/** The connection broke on its way; libtim reconnects by itself. */
#define TIM_ERR_SDK_NET_CONNECT_RESET 9517
/** The request waited too long for a place in the send queue; retry. */
#define TIM_ERR_SDK_NET_WAIT_INQUEUE_TIMEOUT 9518
/** The request waited too long in the send queue and never left; retry. */
#define TIM_ERR_SDK_NET_WAIT_SEND_TIMEOUT 9519
/** The request left, but the server was silent; it may have been carried out. */
#define TIM_ERR_SDK_NET_WAIT_ACK_TIMEOUT 9520
/** Only a part of the request left before time ran out; it may have to be repeated. */
#define TIM_ERR_SDK_NET_WAIT_SEND_REMAINING_TIMEOUT 9521
/** The request is over 1 MB; send less at a time. */
#define TIM_ERR_SDK_NET_PKG_SIZE_LIMIT 9522
/** There is no network, and the request never left; retry when the link is back. */
#define TIM_ERR_SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK 9523
/** The network went away after the request left; it may have been carried out. */
#define TIM_ERR_SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK 9524
/** The network went away while the request was leaving; repeat it when the link is back. */
#define TIM_ERR_SDK_NET_SEND_REMAINING_TIMEOUT_NO_NETWORK 9525
/** The group service hit an error of its own; retry. */
#define TIM_ERR_SVR_GROUP_INTERNAL_ERROR 10002
/** The group service has no operation of this name; check the spelling or the server's version. */
#define TIM_ERR_SVR_GROUP_API_NAME_ERROR 10003
/** A parameter of the group call is wrong; the description says which. */
#define TIM_ERR_SVR_GROUP_INVALID_PARAMETERS 10004
/** The group call names too many users; split it up. */
#define TIM_ERR_SVR_GROUP_ACOUNT_COUNT_LIMIT 10005
/** Group calls come too fast; slow down. */
#define TIM_ERR_SVR_GROUP_FREQ_LIMIT 10006
/** Your role or the group's type does not allow this. */
#define TIM_ERR_SVR_GROUP_PERMISSION_DENY 10007
/** The group request is not valid, or its signature is not. */
#define TIM_ERR_SVR_GROUP_INVALID_REQ 10008
/** The owner cannot leave this group; hand it over or dissolve it. */
#define TIM_ERR_SVR_GROUP_SUPER_NOT_ALLOW_QUIT 10009
/** There is no such group (any more). */
#define TIM_ERR_SVR_GROUP_NOT_FOUND 10010
/** The group service could not read the JSON of the request. */
#define TIM_ERR_SVR_GROUP_JSON_PARSE_FAILED 10011
/** The user ID of the one who acts is not valid. */
#define TIM_ERR_SVR_GROUP_INVALID_ID 10012
/** The user is in the group already. */
#define TIM_ERR_SVR_GROUP_ALLREADY_MEMBER 10013
/** The group has no room for another member. */
#define TIM_ERR_SVR_GROUP_FULL_MEMBER_COUNT 10014
/** The group ID is not valid. */
#define TIM_ERR_SVR_GROUP_INVALID_GROUPID 10015
/** The app's own webhook turned this down. */
#define TIM_ERR_SVR_GROUP_REJECT_FROM_THIRDPARTY 10016
/** You cannot write here until your mute in this group ends. */
#define TIM_ERR_SVR_GROUP_SHUTUP_DENY 10017
/** The answer would be over 1 MB; ask for fewer items or fields. */
#define TIM_ERR_SVR_GROUP_RSP_SIZE_LIMIT 10018
/** One of the users does not exist on the server. */
#define TIM_ERR_SVR_GROUP_ACCOUNT_NOT_FOUND 10019
/** Another group has this ID; choose a different one. */
#define TIM_ERR_SVR_GROUP_GROUPID_IN_USED 10021
/** Messages reach this group too fast; slow down or lower the priority of unimportant ones. */
#define TIM_ERR_SVR_GROUP_SEND_MSG_FREQ_LIMIT 10023
/** Somebody has dealt with this request already. */
#define TIM_ERR_SVR_GROUP_REQ_ALLREADY_BEEN_PROCESSED 10024
/** You own a group with this ID already; use that one. */
#define TIM_ERR_SVR_GROUP_GROUPID_IN_USED_FOR_SUPER 10025
/** The app id is not allowed to use this group command. */
#define TIM_ERR_SVR_GROUP_SDKAPPID_DENY 10026
/** The message to recall was not found. */
#define TIM_ERR_SVR_GROUP_REVOKE_MSG_NOT_FOUND 10030
/** The time for recalling this message is over, 2 minutes unless the server says otherwise. */
#define TIM_ERR_SVR_GROUP_REVOKE_MSG_TIME_LIMIT 10031
/** The message is of a kind that is never taken back. */
#define TIM_ERR_SVR_GROUP_REVOKE_MSG_DENY 10032
/** Groups of this type have no recall. */
#define TIM_ERR_SVR_GROUP_NOT_ALLOW_REVOKE_MSG 10033
/** The message is of a kind that is never deleted. */
#define TIM_ERR_SVR_GROUP_REMOVE_MSG_DENY 10034
/** Live rooms and broadcast groups do not delete messages. */
#define TIM_ERR_SVR_GROUP_NOT_ALLOW_REMOVE_MSG 10035
/** The app has as many live rooms as it may. */
#define TIM_ERR_SVR_GROUP_AVCHATROOM_COUNT_LIMIT 10036
/** The user has joined or created as many groups as allowed; leave one first. */
#define TIM_ERR_SVR_GROUP_COUNT_LIMIT 10037
/** The group would have more members than allowed. */
#define TIM_ERR_SVR_GROUP_MEMBER_COUNT_LIMIT 10038
/** Group attributes are written more than 5 times a second; gather the changes. */
#define TIM_ERR_SVR_GROUP_ATTRIBUTE_FREQ_LIMIT 10049
/** Another writer changed the group attributes in between; read them, then write again. */
#define TIM_ERR_SVR_GROUP_ATTRIBUTE_WRITE_CONFILCT 10056
/** The group has as many pinned messages as it may; unpin one first. */
#define TIM_ERR_SVR_GROUP_PINNED_MESSAGE_COUNT_LIMIT 10070
/** The message is pinned already. */
#define TIM_ERR_SVR_GROUP_MESSAGE_ALREADY_PINNED 10071
/** The message request is not valid; make sure that sender and receiver exist. */
#define TIM_ERR_SVR_MSG_PKG_PARSE_FAILED 20001
/** The message service did not accept the session; log in again. */
#define TIM_ERR_SVR_MSG_INTERNAL_AUTH_FAILED 20002
/** A user ID is not valid or unknown to the server. */
#define TIM_ERR_SVR_MSG_INVALID_ID 20003
/** The message service lost its own network; retry. */
#define TIM_ERR_SVR_MSG_NET_ERROR 20004
/** The message service hit an error of its own; retry. */
#define TIM_ERR_SVR_MSG_INTERNAL_ERROR1 20005
/** The app's own webhook turned the message down. */
#define TIM_ERR_SVR_MSG_PUSH_DENY 20006
/** The receiver blocks messages from the sender. */
#define TIM_ERR_SVR_MSG_IN_PEER_BLACKLIST 20007
/** The two users are no friends, and this server delivers among friends only. */
#define TIM_ERR_SVR_MSG_BOTH_NOT_FRIEND 20009
/** The receiver does not have the sender as a friend, which this server demands. */
#define TIM_ERR_SVR_MSG_NOT_PEER_FRIEND 20010
/** The sender does not have the receiver as a friend, which this server demands. */
#define TIM_ERR_SVR_MSG_NOT_SELF_FRIEND 20011
/** You cannot write until your mute ends. */
#define TIM_ERR_SVR_MSG_SHUTUP_DENY 20012
/** This message is too old to be recalled; 2 minutes are the default. */
#define TIM_ERR_SVR_MSG_REVOKE_TIME_LIMIT 20016
/** The stored history could not be deleted; retry. */
#define TIM_ERR_SVR_MSG_DEL_RAMBLE_INTERNAL_ERROR 20018
/** Another writer changed the message extension in between; read it, then write again. */
#define TIM_ERR_SVR_MSG_EXTENSION_CONFLICT 23001
/** The message has no such extension. */
#define TIM_ERR_SVR_MSG_EXTENSION_NOT_EXIST 23004
/** The message has as many different reactions as it may. */
#define TIM_ERR_SVR_MSG_REACTION_COUNT_LIMIT 23005
/** As many users as allowed have used this reaction on the message. */
#define TIM_ERR_SVR_MSG_REACTION_USER_COUNT_LIMIT 23006
/** You have used this reaction on the message already. */
#define TIM_ERR_SVR_MSG_REACTION_ALREADY_CONTAIN_USER 23007
/** Nobody has used this reaction on the message. */
#define TIM_ERR_SVR_MSG_REACTION_NOT_EXISTS 23008
/** You have not used this reaction, so there is nothing to take back. */
#define TIM_ERR_SVR_MSG_REACTION_NOT_CONTAIN_USER 23009
/** A parameter of the friend call is wrong; the description says which. */
#define TIM_ERR_SVR_FRIENDSHIP_INVALID_PARAMETERS 30001
/** The app id in the friend call is not that of the session. */
#define TIM_ERR_SVR_FRIENDSHIP_INVALID_SDKAPPID 30002
/** A user named in the friend call does not exist on the server. */
#define TIM_ERR_SVR_FRIENDSHIP_ACCOUNT_NOT_FOUND 30003
/** Only an administrator of the app may do this. */
#define TIM_ERR_SVR_FRIENDSHIP_ADMIN_REQUIRED 30004
/** A field of the friend call contains words that the filter refuses. */
#define TIM_ERR_SVR_FRIENDSHIP_SENSITIVE_TEXT 30005
/** The friend service hit an error of its own; retry. */
#define TIM_ERR_SVR_FRIENDSHIP_INTERNAL_ERROR 30006
/** The friend service timed out; retry. */
#define TIM_ERR_SVR_FRIENDSHIP_NET_TIMEOUT 30007
/** Several writes to the friend list met; put them into one batch call. */
#define TIM_ERR_SVR_FRIENDSHIP_WRITE_CONFLICT 30008
/** The user is not allowed to send friend requests. */
#define TIM_ERR_SVR_FRIENDSHIP_ADD_FRIEND_DENY 30009
/** Your friend list is full; remove somebody first. */
#define TIM_ERR_SVR_FRIENDSHIP_COUNT_LIMIT 30010
/** There are as many friend groups as allowed. */
#define TIM_ERR_SVR_FRIENDSHIP_GROUP_COUNT_LIMIT 30011
/** There are as many open friend requests as allowed; answer or delete some. */
#define TIM_ERR_SVR_FRIENDSHIP_PENDENCY_LIMIT 30012
/** There is no room on the blocklist; unblock somebody first. */
#define TIM_ERR_SVR_FRIENDSHIP_BLACKLIST_LIMIT 30013
/** The other user has as many friends as allowed. */
#define TIM_ERR_SVR_FRIENDSHIP_PEER_FRIEND_LIMIT 30014
/** The two users are friends already. */
#define TIM_ERR_SVR_FRIENDSHIP_ALREADY_FRIENDS 30015
/** You block this user; unblock before adding. */
#define TIM_ERR_SVR_FRIENDSHIP_IN_SELF_BLACKLIST 30515
/** This user lets nobody add them. */
#define TIM_ERR_SVR_FRIENDSHIP_ALLOW_TYPE_DENY_ANY 30516
/** This user blocks you. */
#define TIM_ERR_SVR_FRIENDSHIP_IN_PEER_BLACKLIST 30525
/** No failure: the request is on its way and the other user has to agree. */
#define TIM_ERR_SVR_FRIENDSHIP_ALLOW_TYPE_NEED_CONFIRM 30539
/** Friend requests are held back for safety reasons; try later. */
#define TIM_ERR_SVR_FRIENDSHIP_ADD_FRIEND_SEC_RSTR 30540
/** There is no such friend request (any more). */
#define TIM_ERR_SVR_FRIENDSHIP_PENDENCY_NOT_FOUND 30614
/** The users are no friends, so there is nothing to delete. */
#define TIM_ERR_SVR_FRIENDSHIP_DEL_NONFRIEND 31704
/** Deleting friends is held back for safety reasons; try later. */
#define TIM_ERR_SVR_FRIENDSHIP_DEL_FRIEND_SEC_RSTR 31707
/** One of the users does not exist on the server (second number). */
#define TIM_ERR_SVR_FRIENDSHIP_ACCOUNT_NOT_FOUND_EX 31804
/** You follow as many users as allowed. */
#define TIM_ERR_SVR_FRIENDSHIP_SELF_FOLLOWING_COUNT_EXCEEDS_LIMIT 32100
/** The other user has as many followers as allowed. */
#define TIM_ERR_SVR_FRIENDSHIP_PEER_FOLLOWERS_COUNT_EXCEEDS_LIMIT 32101
/** You have as many mutual follows as allowed. */
#define TIM_ERR_SVR_FRIENDSHIP_SELF_MUTUAL_FOLLOWERS_COUNT_EXCEEDS_LIMIT 32102
/** The other user has as many mutual follows as allowed. */
#define TIM_ERR_SVR_FRIENDSHIP_PEER_MUTUAL_FOLLOWERS_COUNT_EXCEEDS_LIMIT 32103
/** A parameter of the profile call is wrong; the description says which. */
#define TIM_ERR_SVR_PROFILE_INVALID_PARAMETERS 40001
/** The profile call names no user. */
#define TIM_ERR_SVR_PROFILE_ACCOUNT_MISS 40002
/** The user whose profile is meant does not exist. */
#define TIM_ERR_SVR_PROFILE_ACCOUNT_NOT_FOUND 40003
/** Only an administrator of the app may touch this profile. */
#define TIM_ERR_SVR_PROFILE_ADMIN_REQUIRED 40004
/** A profile field contains words that the filter refuses. */
#define TIM_ERR_SVR_PROFILE_SENSITIVE_TEXT 40005
/** The profile service hit an error of its own; retry. */
#define TIM_ERR_SVR_PROFILE_INTERNAL_ERROR 40006
/** You may not read this profile field. */
#define TIM_ERR_SVR_PROFILE_READ_PERMISSION_REQUIRED 40007
/** You may not write this profile field. */
#define TIM_ERR_SVR_PROFILE_WRITE_PERMISSION_REQUIRED 40008
/** There is no such profile field; custom fields must be set up on the server first. */
#define TIM_ERR_SVR_PROFILE_TAG_NOT_FOUND 40009
/** The value of a profile field is over 500 bytes; shorten it. */
#define TIM_ERR_SVR_PROFILE_SIZE_LIMIT 40601
/** A standard profile field does not take this value. */
#define TIM_ERR_SVR_PROFILE_VALUE_ERROR 40605
/** The value of the profile field is of the wrong type. */
#define TIM_ERR_SVR_PROFILE_INVALID_VALUE_FORMAT 40610
/** The user whose conversations are meant does not exist. */
#define TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND 50001
/** A parameter of the conversation call is wrong; the description says which. */
#define TIM_ERR_SVR_CONV_INVALID_PARAMETERS 50002
/** Only an administrator of the app may touch these conversations. */
#define TIM_ERR_SVR_CONV_ADMIN_REQUIRED 50003
/** The conversation service hit an error of its own; retry. */
#define TIM_ERR_SVR_CONV_INTERNAL_ERROR 50004
/** The conversation service timed out; retry. */
#define TIM_ERR_SVR_CONV_NET_TIMEOUT 50005
/** One call handles at most 100 conversations; split the list. */
#define TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT 51006
/** The group of a conversation could not be looked up; it may be dissolved, else retry. */
#define TIM_ERR_SVR_CONV_CONV_MARK_OPERATE_FAILED 51007
/** Over 1000 conversations would carry marks, groups or custom data; clear some first. */
#define TIM_ERR_SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT 51008
/** There is no conversation group of this name. */
#define TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST 51009
/** There are 20 conversation groups already; delete one first. */
#define TIM_ERR_SVR_CONV_CONV_GROUP_TOTAL_COUNT_EXCEED_LIMIT 51010
/** The name of a conversation group has at most 32 bytes; shorten it. */
#define TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH 51011
/** 50 conversations are pinned already; unpin one first. */
#define TIM_ERR_SVR_CONV_CONV_PIN_COUNT_EXCEED_LIMIT 51012
/** The HTTP URL of the request is not valid. */
#define TIM_ERR_SVR_COMM_INVALID_HTTP_URL 60002
/** The server could not read the JSON of the request body. */
#define TIM_ERR_SVR_COMM_REQ_JSON_PARSE_FAILED 60003
/** The user ID or the user sig of the request is wrong. */
#define TIM_ERR_SVR_COMM_INVALID_ACCOUNT 60004
/** The user ID or the user sig of the request is wrong (second number). */
#define TIM_ERR_SVR_COMM_INVALID_ACCOUNT_EX 60005
/** There is no such app id on this server; check the configured number. */
#define TIM_ERR_SVR_COMM_INVALID_SDKAPPID 60006
/** This server command is called too fast; slow down. */
#define TIM_ERR_SVR_COMM_REST_FREQ_LIMIT 60007
/** The request took too long or is not proper HTTP; retry. */
#define TIM_ERR_SVR_COMM_REQUEST_TIMEOUT 60008
/** The server has no such resource; check the path. */
#define TIM_ERR_SVR_COMM_INVALID_RES 60009
/** The server interface wants an administrator's account. */
#define TIM_ERR_SVR_COMM_ID_NOT_ADMIN 60010
/** The app as a whole calls the server interface too fast. */
#define TIM_ERR_SVR_COMM_SDKAPPID_FREQ_LIMIT 60011
/** The request lacks the app id. */
#define TIM_ERR_SVR_COMM_SDKAPPID_MISS 60012
/** The server could not read the JSON of an inner answer; retry. */
#define TIM_ERR_SVR_COMM_RSP_JSON_PARSE_FAILED 60013
/** Exchanging the account took too long; retry. */
#define TIM_ERR_SVR_COMM_EXCHANGE_ACCOUNT_TIMEUT 60014
/** User IDs in the request body have to be strings. */
#define TIM_ERR_SVR_COMM_INVALID_ID_FORMAT 60015
/** The app id is switched off on this server. */
#define TIM_ERR_SVR_COMM_SDKAPPID_FORBIDDEN 60016
/** This request is switched off on this server. */
#define TIM_ERR_SVR_COMM_REQ_FORBIDDEN 60017
/** Too many requests at once; slow down. */
#define TIM_ERR_SVR_COMM_REQ_FREQ_LIMIT 60018
/** Too many requests at once; slow down (second number). */
#define TIM_ERR_SVR_COMM_REQ_FREQ_LIMIT_EX 60019
/** The service is not switched on for this app id; a fresh change may need some minutes. */
#define TIM_ERR_SVR_COMM_INVALID_SERVICE 60020
/** The server finds the user sig too old; make a new one, with a longer life if this recurs. */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_EXPIRED 70001
/** No user sig was given; fetch one from your server. */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_EMPTY 70002
/** The user sig cannot be read; check that it arrived whole. */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED 70003
/** The user sig cannot be read (second number). */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED_EX 70005
/** The user sig was made with another key than this app id has; check the secret on your server. */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_MISMATCH_PUBLICKEY 70009
/** The user sig was made for another user ID. */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_MISMATCH_ID 70013
/** The user sig was made for another app id. */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_MISMATCH_SDKAPPID 70014
/** The server has no key to check the user sig with; set one up for the app id. */
#define TIM_ERR_SVR_ACCOUNT_USERSIG_PUBLICKEY_NOT_FOUND 70016
/** The server does not know this app id. */
#define TIM_ERR_SVR_ACCOUNT_SDKAPPID_NOT_FOUND 70020
/** There were too many failed attempts; wait a minute before the next one. */
#define TIM_ERR_SVR_ACCOUNT_FREQ_LIMIT 70050
/** The server's operator has blocked this account. */
#define TIM_ERR_SVR_ACCOUNT_BLACKLIST 70051
/** The user sig is not good any more; fetch a new one and log in again. */
#define TIM_ERR_SVR_ACCOUNT_INVALID_USERSIG 70052
/** Old: the login ticket has run out. */
#define TIM_ERR_LOGIN_SIG_EXPIRE 70101
/** The server has no such account; import it, or check the user ID. */
#define TIM_ERR_SVR_ACCOUNT_NOT_FOUND 70107
/** The account may do less for safety reasons. */
#define TIM_ERR_SVR_ACCOUNT_SEC_RSTR 70114
/** The account service timed out; retry. */
#define TIM_ERR_SVR_ACCOUNT_INTERNAL_TIMEOUT 70169
/** The batch has no items or more than it may; change its size. */
#define TIM_ERR_SVR_ACCOUNT_INVALID_COUNT 70206
/** The app has as many accounts as its plan allows. */
#define TIM_ERR_SVR_ACCOUNT_COUNT_LIMIT 70398
/** A parameter of the account call is wrong; the description says which. */
#define TIM_ERR_SVR_ACCOUNT_INVALID_PARAMETERS 70402
/** Only an administrator of the app may touch accounts. */
#define TIM_ERR_SVR_ACCOUNT_ADMIN_REQUIRED 70403
/** The account service hit an error of its own; retry. */
#define TIM_ERR_SVR_ACCOUNT_INTERNAL_ERROR 70500
/** The server has user status switched off; have it switched on. */
#define TIM_ERR_SVR_ACCOUNT_USER_STATUS_DISABLED 72001
/** The server has profile subscriptions switched off; have them switched on. */
#define TIM_ERR_SVR_PROFILE_SUBSCRIPTION_DISABLED 72012
/** Moderation refused the text. */
#define TIM_ERR_SVR_COMM_SENSITIVE_TEXT 80001
/** The server refuses message bodies over 12 KB; shorten it or send a file. */
#define TIM_ERR_SVR_COMM_BODY_SIZE_LIMIT 80002
/** Moderation refused the image. */
#define TIM_ERR_SVR_COMM_SENSITIVE_IMAGE 80004
/** Old: moderation refused the content. */
#define TIM_ERR_REQ_CONTENT_ATTACK 80101
/** The server could not read the JSON of the message request. */
#define TIM_ERR_SVR_MSG_JSON_PARSE_FAILED 90001
/** MsgBody is not an array of elements in the right form. */
#define TIM_ERR_SVR_MSG_INVALID_JSON_BODY_FORMAT 90002
/** To_Account is missing or is no string. */
#define TIM_ERR_SVR_MSG_INVALID_TO_ACCOUNT 90003
/** MsgRandom is missing or is no whole number. */
#define TIM_ERR_SVR_MSG_INVALID_RAND 90005
/** MsgTimeStamp is missing or is no whole number. */
#define TIM_ERR_SVR_MSG_INVALID_TIMESTAMP 90006
/** MsgBody has to be an array; put even a single element into one. */
#define TIM_ERR_SVR_MSG_BODY_NOT_ARRAY 90007
/** Only an administrator of the app may send this way. */
#define TIM_ERR_SVR_MSG_ADMIN_REQUIRED 90009
/** The request breaks the format of messages; compare it with the manual. */
#define TIM_ERR_SVR_MSG_INVALID_JSON_FORMAT 90010
/** A batch reaches at most 500 receivers; split it. */
#define TIM_ERR_SVR_MSG_TO_ACCOUNT_COUNT_LIMIT 90011
/** A receiver in To_Account does not exist on the server. */
#define TIM_ERR_SVR_MSG_TO_ACCOUNT_NOT_FOUND 90012
/** The offline storage time is wrong; give at most 7 days in seconds. */
#define TIM_ERR_SVR_MSG_TIME_LIMIT 90026
/** SyncOtherMachine has to be a whole number. */
#define TIM_ERR_SVR_MSG_INVALID_SYNCOTHERMACHINE 90031
/** MsgLifeTime has to be a whole number. */
#define TIM_ERR_SVR_MSG_INVALID_MSGLIFETIME 90044
/** The account that the message names does not exist. */
#define TIM_ERR_SVR_MSG_ACCOUNT_NOT_FOUND 90048
/** Old: the library is running already. */
#define TIM_ERR_SDK_HAD_INITIALIZED 90101
/** The message service or the app's webhook server failed; retry, then look at the webhook. */
#define TIM_ERR_SVR_MSG_INTERNAL_ERROR5 90992
/** The message service hit an error of its own (second number); retry. */
#define TIM_ERR_SVR_MSG_INTERNAL_ERROR2 90994
/** The message service hit an error of its own (third number); retry. */
#define TIM_ERR_SVR_MSG_INTERNAL_ERROR3 90995
/** The message service hit an error of its own (fourth number); retry. */
#define TIM_ERR_SVR_MSG_INTERNAL_ERROR4 91000
/** A newer web page of this account took over the long polling; close the spare pages. */
#define TIM_ERR_SVR_MSG_LONGPOLLING_COUNT_LIMIT 91101
/** The JSON of the message is over 12 KB; shorten it or send a file. */
#define TIM_ERR_SVR_MSG_BODY_SIZE_LIMIT 93000
/** The file to send is not there. */
#define TIM_ERR_SVR_RES_NOT_FOUND 114000
/** This process may not read the file to send. */
#define TIM_ERR_SVR_RES_ACCESS_DENY 114001
/** The file is larger than the server takes. */
#define TIM_ERR_SVR_RES_SIZE_LIMIT 114002
/** The transfer was called off, by the user or by a logout. */
#define TIM_ERR_SVR_RES_SEND_CANCEL 114003
/** Reading the file to send failed. */
#define TIM_ERR_SVR_RES_READ_FAILED 114004
/** The transfer took too long; check the network and retry. */
#define TIM_ERR_SVR_RES_TRANSFER_TIMEOUT 114005
/** A parameter of the file transfer is wrong. */
#define TIM_ERR_SVR_RES_INVALID_PARAMETERS 114011
/** Old: the number from which the codes of the upload module count. */
#define TIM_ERR_OPENBDH_BASE 115000
/** The checksum of the file does not fit; it may have changed meanwhile, so send it again. */
#define TIM_ERR_SVR_RES_INVALID_FILE_MD5 115066
/** The checksum of a part does not fit; send the file again. */
#define TIM_ERR_SVR_RES_INVALID_PART_MD5 115068


/**
 * What a function returns at once, as a plain int. Only after 0 does the callback come, exactly
 * once; after any other value it never does.
 *
 * The call was accepted; its callback will tell the outcome.
 */
#define TIM_SUCC 0

/**
 * libtim is not initialised: call tim_init first.
 */
#define TIM_ERR_SDKUNINIT (-1)

/**
 * Nobody is logged in.
 */
#define TIM_ERR_NOTLOGIN (-2)

/**
 * The JSON does not parse, is of the wrong kind or is nested too deep.
 */
#define TIM_ERR_JSON (-3)

/**
 * A parameter is not usable, such as NULL, empty or invalid UTF-8 text.
 */
#define TIM_ERR_PARAM (-4)

/**
 * The conversation ID or type is not valid.
 */
#define TIM_ERR_CONV (-5)

/**
 * The group ID is not valid.
 */
#define TIM_ERR_GROUP (-6)

/**
 * Outcome of one call. Comes exactly once after the call returned 0, never after another value.
 *
 * code: 0 for success, else a TIM_ERR_ constant. desc: what went wrong, for the developer; empty
 * on success. json_params: the result as named at the function, empty when there is none or the
 * call failed. user_data: what the call was given. The texts are valid until the callback returns.
 */
typedef void (*tim_comm_callback)(int32_t code,
                                  const char *desc,
                                  const char *json_params,
                                  const void *user_data);

/**
 * Where this process stands between logged out and logged in.
 */
typedef int32_t tim_login_status;

/**
 * State of the link to the chat server, which is not the state of the device's network.
 */
typedef int32_t tim_network_status;

/**
 * The link to the server changed. code and desc tell why it was lost or could not be made; they
 * are 0 and empty otherwise.
 */
typedef void (*tim_network_status_listener_callback)(tim_network_status status,
                                                     int32_t code,
                                                     const char *desc,
                                                     const void *user_data);

/**
 * Another login of the same user ended this one.
 */
typedef void (*tim_kicked_offline_callback)(const void *user_data);

/**
 * The login ticket ran out while online.
 */
typedef void (*tim_user_sig_expired_callback)(const void *user_data);

/**
 * Least weight that a log line must have to be kept; a larger number keeps fewer lines.
 */
typedef int32_t tim_log_level;

/**
 * The library wrote a line into its log; it has no line break.
 */
typedef void (*tim_log_callback)(tim_log_level level, const char *log, const void *user_data);

/**
 * Users came, went, or changed their custom status; json_user_status_array is an array of
 * objects with user_status_identifier, user_status_status_type (a tim_user_status_type),
 * user_status_custom_status and user_status_online_devices.
 */
typedef void (*tim_user_status_changed_callback)(const char *json_user_status_array,
                                                 const void *user_data);

/**
 * One's own profile changed; json_user_profile is a UserProfile.
 */
typedef void (*tim_self_info_updated_callback)(const char *json_user_profile, const void *user_data);

/**
 * Profiles of users that were subscribed to changed; json_user_info_array is an array of
 * UserProfile.
 */
typedef void (*tim_user_info_changed_callback)(const char *json_user_info_array,
                                               const void *user_data);

/**
 * Messages came that are new to this device; json_msg_array is an array of Message, oldest first.
 */
typedef void (*tim_recv_new_msg_callback)(const char *json_msg_array, const void *user_data);

/**
 * What kind of conversation is meant.
 */
typedef int32_t tim_conv_type;

/**
 * Peers read; json_msg_read_receipt_array is an array of objects with msg_receipt_conv_id (who
 * read), msg_receipt_conv_type, msg_receipt_time_stamp (seconds: everything sent up to then is
 * read) and msg_receipt_is_peer_read.
 */
typedef void (*tim_msg_readed_receipt_callback)(const char *json_msg_read_receipt_array,
                                                const void *user_data);

/**
 * Messages were taken back; json_msg_revoke_info_array is an array of objects with
 * message_locator_conv_id, message_locator_conv_type, message_locator_seq, message_locator_time,
 * message_locator_rand, message_locator_unique_id, message_locator_is_self,
 * message_locator_is_revoked, message_revoker_user_id and message_revoke_reason: tim_msg_find_by_msg_locator_list takes it.
 */
typedef void (*tim_msg_revoke_callback)(const char *json_msg_revoke_info_array,
                                        const void *user_data);

/**
 * Messages were changed; json_msg_array is an array of Message, as they stand.
 */
typedef void (*tim_msg_update_callback)(const char *json_msg_array, const void *user_data);

/**
 * How messages of a conversation reach the user.
 */
typedef int32_t tim_receive_message_opt;

/**
 * The receive option for all messages changed; json_receive_message_option_info is a
 * TIMReceiveMessageOptInfo, as tim_msg_get_all_receive_message_opt gives it.
 */
typedef void (*tim_msg_all_message_receive_option_callback)(const char *json_receive_message_option_info,
                                                            const void *user_data);

/**
 * What happened to conversations.
 */
typedef int32_t tim_conv_event;

/**
 * Conversations appeared, left or changed, or their sync began or ended; json_conv_array is an
 * array of ConvInfo, empty text for TIM_CONV_EVENT_START and TIM_CONV_EVENT_FINISH.
 */
typedef void (*tim_conv_event_callback)(tim_conv_event conv_event,
                                        const char *json_conv_array,
                                        const void *user_data);

/**
 * The number of unread messages in all conversations together changed.
 */
typedef void (*tim_conv_total_unread_message_count_changed_callback)(int total_unread_count,
                                                                     const void *user_data);

/**
 * The number of unread messages that pass a filter changed; filter is the JSON object that was
 * subscribed to.
 */
typedef void (*tim_conv_total_unread_message_count_changed_by_filter_callback)(const char *filter,
                                                                               int total_unread_count,
                                                                               const void *user_data);

/**
 * There is a new group of conversations; conversation_array is an array of ConvInfo: what is in it.
 */
typedef void (*tim_conv_conversation_group_created_callback)(const char *group_name,
                                                             const char *conversation_array,
                                                             const void *user_data);

/**
 * A group of conversations is gone.
 */
typedef void (*tim_conv_conversation_group_deleted_callback)(const char *group_name,
                                                             const void *user_data);

/**
 * A group of conversations has another name.
 */
typedef void (*tim_conv_conversation_group_name_changed_callback)(const char *old_name,
                                                                  const char *new_name,
                                                                  const void *user_data);

/**
 * Conversations came into a group of conversations; conversation_array is an array of ConvInfo.
 */
typedef void (*tim_conv_conversations_added_to_group_callback)(const char *group_name,
                                                               const char *conversation_array,
                                                               const void *user_data);

/**
 * Conversations left a group of conversations; conversation_array is an array of ConvInfo. reason: 0
 * they were taken out; 1 the group was full, and others came.
 */
typedef void (*tim_conv_conversations_deleted_from_group_callback)(const char *group_name,
                                                                   const char *conversation_array,
                                                                   uint32_t reason,
                                                                   const void *user_data);

/**
 * Poll mode: jobs wait for tim_poll.
 */
typedef void (*tim_wakeup_callback)(const void *user_data);

/**
 * A notice of an internal operation; what data is depends on key.
 */
typedef void (*tim_experimental_notify_callback)(const char *key,
                                                 const char *data,
                                                 const void *user_data);

/**
 * Whether a user is reachable now.
 */
typedef int32_t tim_user_status_type;

/**
 * Gender in a user's profile.
 */
typedef int32_t tim_gender_type;

/**
 * Who may become a friend of a user.
 */
typedef int32_t tim_profile_add_permission;

/**
 * What a profile notice is about.
 */
typedef int32_t tim_profile_change_type;

/**
 * Old way to pick the group fields to fetch; bits that may be combined.
 */
typedef int32_t tim_group_get_info_flag;

/**
 * Old way to pick the member fields to fetch; bits that may be combined.
 */
typedef int32_t tim_group_member_info_flag;

/**
 * Marks on a conversation; 64 bits that may be combined. Bits 32 to 63 are the app's own: write
 * them with 64 bits, as in UINT64_C(1) << 32.
 */
typedef uint64_t tim_conversation_mark_type;

/**
 * Whom a mention in a group is meant for.
 */
typedef int32_t tim_group_at_type;

/**
 * How far a message has come.
 */
typedef int32_t tim_msg_status;

/**
 * How soon a group drops a message under load; the larger the number, the sooner.
 */
typedef int32_t tim_msg_priority;

/**
 * What the sender's device runs.
 */
typedef int32_t tim_platform;

/**
 * What an element of a message holds; it decides which other keys the element has.
 */
typedef int32_t tim_elem_type;

/**
 * Size in which a picture is sent.
 */
typedef int32_t tim_image_level;

/**
 * What a group notice to a single user says.
 */
typedef int32_t tim_group_report_type;

/**
 * Which part of an element to download.
 */
typedef int32_t tim_download_type;

/**
 * How several keywords of a search work together.
 */
typedef int32_t tim_keyword_list_match_type;

/**
 * Which members to list for a message that asked for receipts.
 */
typedef int32_t tim_group_message_read_members_filter;

/**
 * Which part of a group's profile a tip is about.
 */
typedef int32_t tim_group_tip_group_change_flag;

/**
 * What a tip tells all members of a group.
 */
typedef int32_t tim_group_tip_type;

/**
 * Type of a group, which decides how people get in and how many.
 */
typedef int32_t tim_group_type;

/**
 * Who decides about joining or inviting.
 */
typedef int32_t tim_group_add_option;

/**
 * What a member is in the group.
 */
typedef int32_t tim_group_member_role;

/**
 * Fields that a group search looks into; bits, handed over as a list.
 */
typedef int32_t tim_group_search_field_key;

/**
 * Group fields that a change sets; bits that may be combined.
 */
typedef int32_t tim_group_modify_info_flag;

/**
 * Roles to list; bits that may be combined. In a live room a mark of the app, 1000 or more, may
 * stand in their place.
 */
typedef int32_t tim_group_member_role_flag;

/**
 * Fields that a member search looks into; bits, handed over as a list.
 */
typedef int32_t tim_group_member_search_field_key;

/**
 * Member fields that a change sets; bits that may be combined.
 */
typedef int32_t tim_group_member_modify_info_flag;

/**
 * What came of adding or removing one member.
 */
typedef int32_t tim_handle_group_member_result;

/**
 * Who has to decide about a group request.
 */
typedef int32_t tim_group_pendency_type;

/**
 * Whether a group request was dealt with.
 */
typedef int32_t tim_group_pendency_handle;

/**
 * How a group request was decided.
 */
typedef int32_t tim_group_pendency_handle_result;

/**
 * How a member came into the group.
 */
typedef int32_t tim_group_join_type;

/**
 * Topic fields that a change sets; bits that may be combined.
 */
typedef int32_t tim_community_topic_modify_info_flag;

/**
 * Fields of a permission group that a change sets; bits that may be combined.
 */
typedef int32_t tim_permission_group_modify_info_flag;

/**
 * What a permission group may do in the whole community; 64 bits that may be combined.
 */
typedef uint64_t tim_community_permission_value;

/**
 * What a permission group may do in one topic; 64 bits that may be combined.
 */
typedef uint64_t tim_topic_permission_value;

/**
 * On how many sides a friendship counts.
 */
typedef int32_t tim_friend_type;

/**
 * Which way a friend request goes.
 */
typedef int32_t tim_friend_pendency_type;

/**
 * How to answer a friend request.
 */
typedef int32_t tim_friend_response_action;

/**
 * Who has whom as a friend; A is this user, B the one asked about.
 */
typedef int32_t tim_friend_check_relation;

/**
 * Fields that a friend search looks into; bits, handed over as a list.
 */
typedef int32_t tim_friendship_search_field_key;

/**
 * How this user and another are related.
 */
typedef int32_t tim_friendship_relation_type;

/**
 * Who of two users follows whom.
 */
typedef int32_t tim_follow_type;

/**
 * What changed among friends; only old message elements carry it.
 */
typedef int32_t tim_friend_change_type;

/**
 * Step in the life of an invitation, such as a call.
 */
typedef int32_t tim_signaling_action_type;

/**
 * Which service issued a push token.
 */
typedef int32_t tim_offline_push_token_type;

/**
 * How an iOS device is woken.
 */
typedef int32_t tim_ios_offline_push_type;

/**
 * What a tap on an Android notification does.
 */
typedef int32_t tim_android_offline_push_notify_mode;

/**
 * Whether a message is pushed to users who are offline.
 */
typedef int32_t tim_offline_push_flag;

/**
 * No conversation; in a search, every conversation.
 */
#define TIM_CONV_INVALID 0

/**
 * With one other user.
 */
#define TIM_CONV_C2C 1

/**
 * With a group, or a topic of a community.
 */
#define TIM_CONV_GROUP 2

/**
 * Notices of the system; no longer used.
 */
#define TIM_CONV_SYSTEM 3

/**
 * Delivered while online, pushed while offline.
 */
#define TIM_RECV_MSG_OPT_RECEIVE 0

/**
 * Kept in the history: neither told as new, nor counted, nor pushed.
 */
#define TIM_RECV_MSG_OPT_NOT_RECEIVE 1

/**
 * Delivered while online, never pushed.
 */
#define TIM_RECV_MSG_OPT_NOT_NOTIFY 2

/**
 * Delivered while online; pushed only when the message mentions the user.
 */
#define TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT 3

/**
 * The link is up and the server has greeted.
 */
#define TIM_CONNECTED 0

/**
 * The link was lost.
 */
#define TIM_DISCONNECTED 1

/**
 * The link is being made.
 */
#define TIM_CONNECTING 2

/**
 * The link could not be made.
 */
#define TIM_CONNECT_FAILED 3

/**
 * Somebody is logged in.
 */
#define TIM_LOGIN_STATUS_LOGINED 1

/**
 * A login is under way.
 */
#define TIM_LOGIN_STATUS_LOGINING 2

/**
 * Nobody is logged in.
 */
#define TIM_LOGIN_STATUS_UN_LOGINED 3

/**
 * A logout is under way.
 */
#define TIM_LOGIN_STATUS_LOGOUTING 4

/**
 * Logs nothing.
 */
#define TIM_LOG_OFF 0

/**
 * Logs all there is, for tests.
 */
#define TIM_LOG_TEST 1

/**
 * Logs every small step.
 */
#define TIM_LOG_VERBOSE 2

/**
 * Logs what helps to find faults.
 */
#define TIM_LOG_DEBUG 3

/**
 * Logs the normal course of things.
 */
#define TIM_LOG_INFO 4

/**
 * Logs what is odd but was coped with.
 */
#define TIM_LOG_WARN 5

/**
 * Logs what failed.
 */
#define TIM_LOG_ERROR 6

/**
 * Logs only what should be impossible.
 */
#define TIM_LOG_ASSERT 7

/**
 * Not known.
 */
#define TIM_USER_STATUS_TYPE_UNKOWN 0

/**
 * Logged in and connected.
 */
#define TIM_USER_STATUS_TYPE_ONLINE 1

/**
 * Was logged in, and the connection is gone.
 */
#define TIM_USER_STATUS_TYPE_OFFLINE 2

/**
 * Logged out, or never logged in since the account was made.
 */
#define TIM_USER_STATUS_TYPE_UN_LOGINED 3

/**
 * Not given.
 */
#define TIM_GENDER_TYPE_UNKNOWN 0

/**
 * Male.
 */
#define TIM_GENDER_TYPE_MALE 1

/**
 * Female.
 */
#define TIM_GENDER_TYPE_FEMALE 2

/**
 * Not set.
 */
#define TIM_PROFILE_ADD_PERMISSION_UNKNOWN 0

/**
 * Everybody, without asking.
 */
#define TIM_PROFILE_ADD_PERMISSION_ALLOW_ANY 1

/**
 * Whoever the user agrees to.
 */
#define TIM_PROFILE_ADD_PERMISSION_NEED_CONFIRM 2

/**
 * Nobody.
 */
#define TIM_PROFILE_ADD_PERMISSION_DENY_ANY 3

/**
 * Not known.
 */
#define TIM_PROFILE_CHANGE_NONE 0

/**
 * Fields of the profile.
 */
#define TIM_PROFILE_CHANGE_PROFILE 1

/**
 * No field.
 */
#define TIM_GROUP_INFO_FLAG_NONE 0

/**
 * Group name.
 */
#define TIM_GROUP_INFO_FLAG_NAME 1

/**
 * When the group was made.
 */
#define TIM_GROUP_INFO_FLAG_CREATE_TIME 2

/**
 * Owner.
 */
#define TIM_GROUP_INFO_FLAG_OWNER_UIN 4

/**
 * Sequence of the newest message.
 */
#define TIM_GROUP_INFO_FLAG_SEQ 8

/**
 * When the profile last changed.
 */
#define TIM_GROUP_INFO_FLAG_LAST_TIME 16

/**
 * Sequence that the next message will get.
 */
#define TIM_GROUP_INFO_FLAG_NEXT_MSG_SEQ 32

/**
 * When the newest message was sent.
 */
#define TIM_GROUP_INFO_FLAG_LAST_MSG_TIME 64

/**
 * App id that the group belongs to.
 */
#define TIM_GROUP_INFO_FLAG_APP_ID 128

/**
 * Number of members.
 */
#define TIM_GROUP_INFO_FLAG_MEMBER_NUM 256

/**
 * Most members allowed.
 */
#define TIM_GROUP_INFO_FLAG_MAX_MEMBER_NUM 512

/**
 * Announcement.
 */
#define TIM_GROUP_INFO_FLAG_NOTIFICATION 1024

/**
 * Introduction.
 */
#define TIM_GROUP_INFO_FLAG_INTRODUCTION 2048

/**
 * URL of the picture.
 */
#define TIM_GROUP_INFO_FLAG_FACE_URL 4096

/**
 * Who may join.
 */
#define TIM_GROUP_INFO_FLAG_ADD_OPTION 8192

/**
 * Type of the group.
 */
#define TIM_GROUP_INFO_FLAG_GROUP_TYPE 16384

/**
 * The newest message itself.
 */
#define TIM_GROUP_INFO_FLAG_LAST_MSG 32768

/**
 * Members who are online.
 */
#define TIM_GROUP_INFO_FLAG_ONLINE_NUM 65536

/**
 * Whether the group can be seen.
 */
#define TIM_GROUP_INFO_FLAG_VISIBLE 131072

/**
 * Whether the group can be searched for.
 */
#define TIM_GROUP_INFO_FLAG_SEARCHABLE 262144

/**
 * Whether all members are muted.
 */
#define TIM_GROUP_INFO_FLAG_SHUTUP_ALL 524288

/**
 * No field.
 */
#define TIM_GROUP_MEMBER_INFO_FLAG_NONE 0

/**
 * When the member joined.
 */
#define TIM_GROUP_MEMBER_INFO_FLAG_JOIN_TIME 1

/**
 * How the member receives messages.
 */
#define TIM_GROUP_MEMBER_INFO_FLAG_MSG_FLAG 2

/**
 * Sequence up to which the member has read.
 */
#define TIM_GROUP_MEMBER_INFO_FLAG_MSG_SEQ 4

/**
 * Role in the group.
 */
#define TIM_GROUP_MEMBER_INFO_FLAG_MEMBER_ROLE 8

/**
 * When the mute ends, 0 if there is none.
 */
#define TIM_GROUP_MEMBER_INFO_FLAG_SHUTUP_UNTILL 16

/**
 * Name card.
 */
#define TIM_GROUP_MEMBER_INFO_FLAG_NAME_CARD 32

/**
 * Conversations are new in the list.
 */
#define TIM_CONV_EVENT_ADD 0

/**
 * Conversations left the list.
 */
#define TIM_CONV_EVENT_DEL 1

/**
 * Conversations changed: unread count, last message, recall or read state.
 */
#define TIM_CONV_EVENT_UPDATE 2

/**
 * The sync of the list started; the JSON text is empty.
 */
#define TIM_CONV_EVENT_START 3

/**
 * The sync of the list is done; the JSON text is empty.
 */
#define TIM_CONV_EVENT_FINISH 4

/**
 * A favourite.
 */
#define TIM_CONVERSATION_MARK_TYPE_STAR 1

/**
 * Shown as unread by the user's wish.
 */
#define TIM_CONVERSATION_MARK_TYPE_UNREAD 2

/**
 * Folded away.
 */
#define TIM_CONVERSATION_MARK_TYPE_FOLD 4

/**
 * Hidden from the list.
 */
#define TIM_CONVERSATION_MARK_TYPE_HIDE 8

/**
 * The user alone.
 */
#define TIM_GROUP_AT_ME 1

/**
 * All members.
 */
#define TIM_GROUP_AT_ALL 2

/**
 * All members, and the user by name too.
 */
#define TIM_GROUP_AT_ALL_AT_ME 3

/**
 * On its way to the server.
 */
#define TIM_MSG_SENDING 1

/**
 * Stored by the server.
 */
#define TIM_MSG_SEND_SUCC 2

/**
 * Not sent; it can be sent again.
 */
#define TIM_MSG_SEND_FAIL 3

/**
 * Deleted.
 */
#define TIM_MSG_DELETED 4

/**
 * Put into the local history by the app.
 */
#define TIM_MSG_LOCAL_IMPORTED 5

/**
 * Recalled.
 */
#define TIM_MSG_REVOKED 6

/**
 * Called off by the app before it was sent.
 */
#define TIM_MSG_CANCEL 7

/**
 * Kept longest, as for gifts.
 */
#define TIM_MSG_PRIORITY_HIGH 0

/**
 * As any message.
 */
#define TIM_MSG_PRIORITY_NORMAL 1

/**
 * Given up early, as for likes.
 */
#define TIM_MSG_PRIORITY_LOW 2

/**
 * Given up first; the server uses it for tips about members who come and go.
 */
#define TIM_MSG_PRIORITY_LOWEST 3

/**
 * Something else.
 */
#define TIM_PLATFORM_OTHER 0

/**
 * Windows.
 */
#define TIM_PLATFORM_WINDOWS 1

/**
 * Android.
 */
#define TIM_PLATFORM_ANDROID 2

/**
 * iOS.
 */
#define TIM_PLATFORM_IOS 3

/**
 * macOS.
 */
#define TIM_PLATFORM_MAC 4

/**
 * The simulator for iOS.
 */
#define TIM_PLATFORM_SIMULATOR 5

/**
 * Text.
 */
#define TIM_ELEM_TEXT 0

/**
 * Picture.
 */
#define TIM_ELEM_IMAGE 1

/**
 * Voice or other sound.
 */
#define TIM_ELEM_SOUND 2

/**
 * The app's own data.
 */
#define TIM_ELEM_CUSTOM 3

/**
 * Any file.
 */
#define TIM_ELEM_FILE 4

/**
 * Tip about a group, made by the server only.
 */
#define TIM_ELEM_GROUP_TIPS 5

/**
 * Sticker.
 */
#define TIM_ELEM_FACE 6

/**
 * Place on the map.
 */
#define TIM_ELEM_LOCATION 7

/**
 * Notice of a group, made by the server only.
 */
#define TIM_ELEM_GROUP_REPORT 8

/**
 * Video.
 */
#define TIM_ELEM_VIDEO 9

/**
 * Change among friends.
 */
#define TIM_ELEM_FRIEND_CHANGE 10

/**
 * Change of a profile.
 */
#define TIM_ELEM_PROFILE_CHANGE 11

/**
 * Several messages packed into one.
 */
#define TIM_ELEM_MERGE 12

/**
 * Not known to this version.
 */
#define TIM_ELEM_INVALID (-1)

/**
 * As it is.
 */
#define TIM_IMAGE_LEVEL_ORIG 0

/**
 * Made much smaller; this is the default.
 */
#define TIM_IMAGE_LEVEL_COMPRESSION 1

/**
 * Made somewhat smaller.
 */
#define TIM_IMAGE_LEVEL_HD 2

/**
 * Not known.
 */
#define TIM_GROUP_REPORT_NONE 0

/**
 * Somebody asks to join; goes to the admins.
 */
#define TIM_GROUP_REPORT_ADD_REQUEST 1

/**
 * The request to join was granted; goes to who asked.
 */
#define TIM_GROUP_REPORT_ADD_ACCEPT 2

/**
 * The request to join was turned down; goes to who asked.
 */
#define TIM_GROUP_REPORT_ADD_REFUSE 3

/**
 * The user was removed by an admin.
 */
#define TIM_GROUP_REPORT_BE_KICKED 4

/**
 * The group was dissolved; goes to everybody in it.
 */
#define TIM_GROUP_REPORT_DELETE 5

/**
 * The group was made; goes to its creator and is not meant to be shown.
 */
#define TIM_GROUP_REPORT_CREATE 6

/**
 * The user was put into the group without being asked.
 */
#define TIM_GROUP_REPORT_INVITE 7

/**
 * The user left; goes to that user and is not meant to be shown.
 */
#define TIM_GROUP_REPORT_QUIT 8

/**
 * The user is an admin from now on.
 */
#define TIM_GROUP_REPORT_GRANT_ADMIN 9

/**
 * The user is no admin any more.
 */
#define TIM_GROUP_REPORT_CANCEL_ADMIN 10

/**
 * The group was taken back by the system; goes to everybody, not meant to be shown.
 */
#define TIM_GROUP_REPORT_GROUP_RECYCLE 11

/**
 * The user is invited and has to agree.
 */
#define TIM_GROUP_REPORT_INVITE_REQ_TO_INVITEE 12

/**
 * The invitation was taken up; goes to who invited.
 */
#define TIM_GROUP_REPORT_INVITE_ACCEPT 13

/**
 * The invitation was turned down; goes to who invited.
 */
#define TIM_GROUP_REPORT_INVITE_REFUSE 14

/**
 * The user read the group on another device.
 */
#define TIM_GROUP_REPORT_READ_REPORT 15

/**
 * The app's own notice; goes to everybody unless named.
 */
#define TIM_GROUP_REPORT_USER_DEFINE 16

/**
 * The user was muted.
 */
#define TIM_GROUP_REPORT_SHUT_UP_MEMBER 17

/**
 * A topic was made.
 */
#define TIM_GROUP_REPORT_TOPIC_CREATE 18

/**
 * A topic was deleted.
 */
#define TIM_GROUP_REPORT_TOPIC_DELETE 19

/**
 * Somebody confirmed reading a message.
 */
#define TIM_GROUP_REPORT_GROUP_MESSAGE_READ 20

/**
 * The user changed how messages of the group are received.
 */
#define TIM_GROUP_REPORT_GROUP_MESSAGE_RECV_OPTION 21

/**
 * The user was banned from the group.
 */
#define TIM_GROUP_REPORT_BANNED_FROM_GROUP 22

/**
 * The ban on the user was lifted.
 */
#define TIM_GROUP_REPORT_UNBANNED_FROM_GROUP 23

/**
 * Somebody invited a user, and an admin has to agree.
 */
#define TIM_GROUP_REPORT_INVITE_REQ_TO_ADMIN 24

/**
 * The still image of a video.
 */
#define TIM_DOWNLOAD_VIDEO_THUMB 0

/**
 * The file.
 */
#define TIM_DOWNLOAD_FILE 1

/**
 * The video itself.
 */
#define TIM_DOWNLOAD_VIDEO 2

/**
 * The sound.
 */
#define TIM_DOWNLOAD_SOUND 3

/**
 * One of them is enough.
 */
#define TIM_KEYWORD_LIST_MATCH_TYPE_OR 0

/**
 * All of them must be there.
 */
#define TIM_KEYWORD_LIST_MATCH_TYPE_AND 1

/**
 * Members who have read it.
 */
#define TIM_GROUP_MESSAGE_READ_MEMBERS_FILTER_READ 0

/**
 * Members who have not read it.
 */
#define TIM_GROUP_MESSAGE_READ_MEMBERS_FILTER_UNREAD 1

/**
 * Not known.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_UNKNOWN 0

/**
 * Group name.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_NAME 1

/**
 * Introduction.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_INTRODUCTION 2

/**
 * Announcement.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_NOTIFICATION 3

/**
 * URL of the picture.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_FACE_URL 4

/**
 * Owner.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_OWNER 5

/**
 * One of the custom fields.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_CUSTOM 6

/**
 * One of the group attributes.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_ATTRIBUTE 7

/**
 * Muting of all members.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_SHUTUP_ALL 8

/**
 * Custom data of a topic.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_TOPIC_CUSTOM_DATA 9

/**
 * How messages are received.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_MESSAGE_RECEIVE_OPT 10

/**
 * Who may join.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_GROUP_ADD_OPT 11

/**
 * Who may invite.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_GROUP_APPROVE_OPT 12

/**
 * Permission groups were switched on or off; communities only.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_ENABLE_PERMISSION_GROUP 13

/**
 * What members may do by default; communities only.
 */
#define TIM_GROUP_TIP_CHANGE_FLAG_DEFAULT_PERMISSIONS 14

/**
 * Not valid.
 */
#define TIM_GROUP_TIP_NONE 0

/**
 * Somebody came in, asked or invited.
 */
#define TIM_GROUP_TIP_INVITE 1

/**
 * Somebody left.
 */
#define TIM_GROUP_TIP_QUIT 2

/**
 * Somebody was removed.
 */
#define TIM_GROUP_TIP_KICK 3

/**
 * Somebody became an admin.
 */
#define TIM_GROUP_TIP_SET_ADMIN 4

/**
 * Somebody is no admin any more.
 */
#define TIM_GROUP_TIP_CANCEL_ADMIN 5

/**
 * The group's profile changed.
 */
#define TIM_GROUP_TIP_GROUP_INFO_CHANGE 6

/**
 * A member's data changed.
 */
#define TIM_GROUP_TIP_MEMBER_INFO_CHANGE 7

/**
 * A member's mark changed.
 */
#define TIM_GROUP_TIP_MEMBER_MARK_CHANGE 8

/**
 * A topic's profile changed.
 */
#define TIM_GROUP_TIP_TOPIC_INFO_CHANGE 9

/**
 * A message was pinned.
 */
#define TIM_GROUP_TIP_PINNED_MESSAGE_ADDED 10

/**
 * A message is no longer pinned.
 */
#define TIM_GROUP_TIP_PINNED_MESSAGE_DELETED 11

/**
 * Public: people ask, and the owner or an admin lets them in.
 */
#define TIM_GROUP_PUBLIC 0

/**
 * Work, once called private: members come by invitation only.
 */
#define TIM_GROUP_PRIVATE 1

/**
 * Meeting, once called chat room: anyone walks in.
 */
#define TIM_GROUP_CHAT_ROOM 2

/**
 * Broadcast room of old days; make a live room instead.
 */
#define TIM_GROUP_BCHAT_ROOM 3

/**
 * Live room (AVChatRoom): anyone walks in, and the number is not limited.
 */
#define TIM_GROUP_AV_CHAT_ROOM 4

/**
 * Community: very large, anyone walks in, and it can have topics.
 */
#define TIM_GROUP_COMMUNITY 5

/**
 * Nobody: it is not possible.
 */
#define TIM_GROUP_ADD_OPT_FORBID 0

/**
 * The owner or an admin.
 */
#define TIM_GROUP_ADD_OPT_AUTH 1

/**
 * No decision is needed.
 */
#define TIM_GROUP_ADD_OPT_ANY 2

/**
 * Not set.
 */
#define TIM_GROUP_ADD_OPT_UNKNOWN 3

/**
 * No role.
 */
#define TIM_MEMBER_ROLE_NONE 0

/**
 * Plain member.
 */
#define TIM_MEMBER_ROLE_NORMAL 200

/**
 * Admin.
 */
#define TIM_MEMBER_ROLE_ADMIN 300

/**
 * Owner.
 */
#define TIM_MEMBER_ROLE_OWNER 400

/**
 * Group ID.
 */
#define TIM_GROUP_SEARCH_FIELD_KEY_GROUP_ID 1

/**
 * Group name.
 */
#define TIM_GROUP_SEARCH_FIELD_KEY_GROUP_NAME 2

/**
 * No field.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_NONE 0

/**
 * Group name.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_NAME 1

/**
 * Announcement.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_NOTIFICATION 2

/**
 * Introduction.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_INTRODUCTION 4

/**
 * URL of the picture.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_FACE_URL 8

/**
 * Who may join.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_ADD_OPTION 16

/**
 * Most members allowed.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_MAX_MEMBER_NUM 32

/**
 * Whether the group can be seen.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_VISIBLE 64

/**
 * Whether the group can be searched for.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_SEARCHABLE 128

/**
 * Muting of all members.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_SHUTUP_ALL 256

/**
 * Custom fields.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_CUSTOM 512

/**
 * Custom string of a topic.
 */
#define TIM_GROUP_TOPIC_MODIFY_INFO_FLAG_CUSTOM_STRING 2048

/**
 * Who may invite.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_APPROVE_OPTION 4096

/**
 * Permission groups on or off; communities only.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_ENABLE_PERMISSION_GROUP 8192

/**
 * What members may do by default; communities only.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_DEFAULT_PERMISSIONS 16384

/**
 * Hands the group to another owner, and nothing else in the same call. This is bit 31: as an int
 * it is -2147483648, and in JSON 2147483648 is accepted just as well.
 */
#define TIM_GROUP_MODIFY_INFO_FLAG_OWNER (-2147483647 - 1)

/**
 * Everybody.
 */
#define TIM_GROUP_MEMBER_ROLE_FLAG_ALL 0

/**
 * The owner.
 */
#define TIM_GROUP_MEMBER_ROLE_FLAG_OWNER 1

/**
 * Admins, the owner not among them.
 */
#define TIM_GROUP_MEMBER_ROLE_FLAG_ADMIN 2

/**
 * Members with no special role.
 */
#define TIM_GROUP_MEMBER_ROLE_FLAG_MEMBER 4

/**
 * User ID.
 */
#define TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_IDENTIFIER 1

/**
 * Nickname.
 */
#define TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_NICK_NAME 2

/**
 * The searching user's remark for a friend.
 */
#define TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_REMARK 4

/**
 * Name card in the group.
 */
#define TIM_GROUP_MEMBER_SEARCH_FIELD_KEY_NAME_CARD 8

/**
 * No field.
 */
#define TIM_GROUP_MEMBER_MODIFY_FLAG_NONE 0

/**
 * How the member receives messages.
 */
#define TIM_GROUP_MEMBER_MODIFY_FLAG_MSG_FLAG 1

/**
 * Role.
 */
#define TIM_GROUP_MEMBER_MODIFY_FLAG_MEMBER_ROLE 2

/**
 * How long the member is muted.
 */
#define TIM_GROUP_MEMBER_MODIFY_FLAG_SHUTUP_TIME 4

/**
 * Name card.
 */
#define TIM_GROUP_MEMBER_MODIFY_FLAG_NAME_CARD 8

/**
 * Custom fields.
 */
#define TIM_GROUP_MEMBER_MODIFY_FLAG_CUSTOM 16

/**
 * It failed.
 */
#define TIM_GROUP_MEMBER_HANDLED_ERR 0

/**
 * It was done.
 */
#define TIM_GROUP_MEMBER_HANDLED_SUC 1

/**
 * The user was in the group before.
 */
#define TIM_GROUP_MEMBER_INCLUDED 2

/**
 * An invitation is out and the user has to agree.
 */
#define TIM_GROUP_MEMBER_INVITED 3

/**
 * Admins, about a user who asks to join.
 */
#define TIM_GROUP_PENDENCY_GROUP_JOIN_NEED_APPROVED_BY_ADMIN 0

/**
 * The invited user.
 */
#define TIM_GROUP_PENDENCY_GROUP_INVITE_NEED_APPROVED_BY_INVITEE 1

/**
 * Admins, about a user whom a member invited.
 */
#define TIM_GROUP_PENDENCY_GROUP_INVITE_NEED_APPROVED_BY_ADMIN 2

/**
 * It waits.
 */
#define TIM_GROUP_PENDENCY_NOT_HANDLE 0

/**
 * Another user dealt with it.
 */
#define TIM_GROUP_PENDENCY_OTHER_HANDLE 1

/**
 * This user dealt with it.
 */
#define TIM_GROUP_PENDENCY_OPERATOR_HANDLE 2

/**
 * Turned down.
 */
#define TIM_GROUP_PENDENCY_REFUSE 0

/**
 * Granted.
 */
#define TIM_GROUP_PENDENCY_ACCEPT 1

/**
 * Not known.
 */
#define TIM_GROUP_JOIN_NONE 0

/**
 * By asking.
 */
#define TIM_GROUP_JOIN_APPLY 1

/**
 * By being invited.
 */
#define TIM_GROUP_JOIN_INVITE 2

/**
 * No field.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_NONE 0

/**
 * Topic name.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_NAME 1

/**
 * Announcement.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_NOTIFICATION 2

/**
 * Introduction.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_INTRODUCTION 4

/**
 * URL of the picture.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_FACE_URL 8

/**
 * Muting of all members.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_MUTE_ALL 256

/**
 * Custom string.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_CUSTOM_STRING 2048

/**
 * Draft.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_DRAFT 16384

/**
 * What members may do by default.
 */
#define TIM_COMMUNITY_TOPIC_MODIFY_INFO_FLAG_DEFAULT_PERMISSIONS 32768

/**
 * No field.
 */
#define TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_NONE 0

/**
 * Name.
 */
#define TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_NAME 1

/**
 * Permissions in the community.
 */
#define TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_GROUP_PERMISSION 2

/**
 * Custom data.
 */
#define TIM_PERMISSION_GROUP_MODIFY_INFO_FLAG_CUSTOM_DATA 4

/**
 * Change the profile of the community.
 */
#define TIM_COMMUNITY_PERMISSION_MANAGE_GROUP_INFO 1

/**
 * Let members in, remove them and change their data.
 */
#define TIM_COMMUNITY_PERMISSION_MANAGE_GROUP_MEMBER 2

/**
 * Make, change and delete permission groups, and their rights in topics.
 */
#define TIM_COMMUNITY_PERMISSION_MANAGE_PERMISSION_GROUP_INFO 4

/**
 * Put members into permission groups and take them out.
 */
#define TIM_COMMUNITY_PERMISSION_MANAGE_PERMISSION_GROUP_MEMBER 8

/**
 * Make, change and delete topics.
 */
#define TIM_COMMUNITY_PERMISSION_MANAGE_TOPIC_IN_COMMUNITY 16

/**
 * Mute a member everywhere in the community.
 */
#define TIM_COMMUNITY_PERMISSION_MUTE_MEMBER 32

/**
 * Write in every topic.
 */
#define TIM_COMMUNITY_PERMISSION_SEND_MESSAGE 64

/**
 * Mention everybody in every topic.
 */
#define TIM_COMMUNITY_PERMISSION_AT_ALL 128

/**
 * Read what was written in the topics before joining.
 */
#define TIM_COMMUNITY_PERMISSION_GET_HISTORY_MESSAGE 256

/**
 * Recall messages of others in every topic.
 */
#define TIM_COMMUNITY_PERMISSION_REVOKE_OTHER_MEMBER_MESSAGE 512

/**
 * Ban members.
 */
#define TIM_COMMUNITY_PERMISSION_BAN_MEMBER 1024

/**
 * Change or delete the topic.
 */
#define TIM_TOPIC_PERMISSION_MANAGE_TOPIC 1

/**
 * Give, change and take away rights in the topic.
 */
#define TIM_TOPIC_PERMISSION_MANAGE_TOPIC_PERMISSION 2

/**
 * Keep members from writing in the topic.
 */
#define TIM_TOPIC_PERMISSION_MUTE_MEMBER 4

/**
 * Write in the topic.
 */
#define TIM_TOPIC_PERMISSION_SEND_MESSAGE 8

/**
 * Read what was written in the topic before joining.
 */
#define TIM_TOPIC_PERMISSION_GET_HISTORY_MESSAGE 16

/**
 * Recall messages of others in the topic.
 */
#define TIM_TOPIC_PERMISSION_REVOKE_OTHER_MEMBER_MESSAGE 32

/**
 * Mention everybody in the topic.
 */
#define TIM_TOPIC_PERMISSION_AT_ALL 64

/**
 * On one side: only the one who added has the other in the list.
 */
#define TIM_FRIEND_TYPE_SINGLE 0

/**
 * On both sides.
 */
#define TIM_FRIEND_TYPE_BOTH 1

/**
 * To this user.
 */
#define TIM_FRIEND_PENDENCY_TYPE_COME_IN 0

/**
 * From this user.
 */
#define TIM_FRIEND_PENDENCY_TYPE_SEND_OUT 1

/**
 * Either way.
 */
#define TIM_FRIEND_PENDENCY_TYPE_BOTH 2

/**
 * Let the other user have me as a friend.
 */
#define TIM_RESPONSE_ACTION_AGREE 0

/**
 * The same, and have the other user as a friend too.
 */
#define TIM_RESPONSE_ACTION_AGREE_AND_ADD 1

/**
 * Turn it down.
 */
#define TIM_RESPONSE_ACTION_REJECT 2

/**
 * Neither has the other.
 */
#define TIM_FRIEND_CHECK_NO_RELATION 0

/**
 * A has B, but B does not have A.
 */
#define TIM_FRIEND_CHECK_A_WITH_B 1

/**
 * B has A, but A does not have B.
 */
#define TIM_FRIEND_CHECK_B_WITH_A 2

/**
 * Each has the other.
 */
#define TIM_FRIEND_CHECK_BOTH_WAY 3

/**
 * User ID.
 */
#define TIM_FRIENDSHIP_SEARCH_FIELD_KEY_IDENTIFIER 1

/**
 * Nickname.
 */
#define TIM_FRIENDSHIP_SEARCH_FIELD_KEY_NICK_NAME 2

/**
 * This user's remark for the friend.
 */
#define TIM_FRIENDSHIP_SEARCH_FIELD_KEY_REMARK 4

/**
 * They are no friends.
 */
#define TIM_FRIENDSHIP_RELATION_TYPE_NONE 0

/**
 * The other is a friend of this user, not the reverse.
 */
#define TIM_FRIENDSHIP_RELATION_TYPE_IN_MY_FRIEND_LIST 1

/**
 * This user is a friend of the other, not the reverse.
 */
#define TIM_FRIENDSHIP_RELATION_TYPE_IN_OTHER_FRIEND_LIST 2

/**
 * They are friends of each other.
 */
#define TIM_FRIENDSHIP_RELATION_TYPE_BOTH_FRIEND 3

/**
 * Neither follows.
 */
#define TIM_FOLLOW_TYPE_NONE 0

/**
 * This user follows the other.
 */
#define TIM_FOLLOW_TYPE_IN_MY_FOLLOWING_LIST 1

/**
 * The other follows this user.
 */
#define TIM_FOLLOW_TYPE_IN_MY_FOLLOWERS_LIST 2

/**
 * Each follows the other.
 */
#define TIM_FOLLOW_TYPE_IN_BOTH_FOLLOWERS_LIST 3

/**
 * Not known.
 */
#define TIM_FRIEND_CHANGE_NONE 0

/**
 * A friend was added.
 */
#define TIM_FRIEND_CHANGE_FRIEND_ADD 1

/**
 * A friend was removed.
 */
#define TIM_FRIEND_CHANGE_FRIEND_DEL 2

/**
 * A friend request came up.
 */
#define TIM_FRIEND_CHANGE_PENDENCY_ADD 3

/**
 * A friend request went away.
 */
#define TIM_FRIEND_CHANGE_PENDENCY_DEL 4

/**
 * A user was blocked.
 */
#define TIM_FRIEND_CHANGE_BLACK_LIST_ADD 5

/**
 * A user is no longer blocked.
 */
#define TIM_FRIEND_CHANGE_BLACK_LIST_DEL 6

/**
 * The friend requests were marked as read.
 */
#define TIM_FRIEND_CHANGE_PENDENCY_READED_REPORT 7

/**
 * The data of a friend changed.
 */
#define TIM_FRIEND_CHANGE_FRIEND_PROFILE_UPDATE 8

/**
 * A friend group was made.
 */
#define TIM_FRIEND_CHANGE_FRIEND_GROUP_ADD 9

/**
 * A friend group was deleted.
 */
#define TIM_FRIEND_CHANGE_FRIEND_GROUP_DEL 10

/**
 * A friend group changed.
 */
#define TIM_FRIEND_CHANGE_FRIEND_GROUP_MODIFY 11

/**
 * Not known.
 */
#define TIM_SIGNALING_ACTION_TYPE_UNKNOWN 0

/**
 * Somebody invites.
 */
#define TIM_SIGNALING_ACTION_TYPE_INVITE 1

/**
 * The inviter calls it off.
 */
#define TIM_SIGNALING_ACTION_TYPE_CANCEL_INVITE 2

/**
 * An invited user agrees.
 */
#define TIM_SIGNALING_ACTION_TYPE_ACCEPT_INVITE 3

/**
 * An invited user declines.
 */
#define TIM_SIGNALING_ACTION_TYPE_REJECT_INVITE 4

/**
 * Nobody answered in time.
 */
#define TIM_SIGNALING_ACTION_TYPE_INVITE_TIMEOUT 5

/**
 * The service of the device's maker.
 */
#define TIM_OFFLINE_PUSH_TOKEN_TYPE_DEFAULT 0

/**
 * TPNS, which is on its way out.
 */
#define TIM_OFFLINE_PUSH_TOKEN_TYPE_TPNS 1

/**
 * The VoIP service of iOS.
 */
#define TIM_OFFLINE_PUSH_TOKEN_TYPE_VOIP 2

/**
 * By a normal notification.
 */
#define TIM_IOS_OFFLINE_PUSH_TYPE_APNS 0

/**
 * By a VoIP push, as for a call.
 */
#define TIM_IOS_OFFLINE_PUSH_TYPE_VOIP 1

/**
 * Opens the app, which is told nothing.
 */
#define TIM_ANDROID_OFFLINE_PUSH_NOTIFY_MODE_NORMAL 0

/**
 * Lets the app handle the tap.
 */
#define TIM_ANDROID_OFFLINE_PUSH_NOTIFY_MODE_CUSTOM 1

/**
 * As the settings of the receiver say.
 */
#define TIM_OFFLINE_PUSH_FLAG_DEFAULT 0

/**
 * Never.
 */
#define TIM_OFFLINE_PUSH_FLAG_NO_PUSH 1

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Starts libtim for an app.
 *
 * Creates the folders, starts the library's threads and connects once to see whether the server
 * can be reached; the network status callback tells. Logging in is a step of its own. Called
 * again with the same app id and config it changes nothing and returns 0. Called inside a
 * callback, after tim_uninit in that same callback, it is carried out when the callback returns.
 *
 * Keys of the config, all optional, unknown ones ignored:
 * - sdk_config_config_file_path: folder of the databases; default $XDG_DATA_HOME/libtim or
 *   ~/.local/share/libtim (macOS: ~/Library/Application Support/libtim, Windows:
 *   %LOCALAPPDATA%\libtim\data). Created with what is missing above it, for the owner only.
 * - sdk_config_log_file_path: folder of the log files; default $XDG_STATE_HOME/libtim or
 *   ~/.local/state/libtim (macOS: ~/Library/Logs/libtim, Windows: %LOCALAPPDATA%\libtim\log).
 *   One file a day, tim-20261121.log by UTC, shared by all processes that log there; those of
 *   earlier days are compressed (gzip) at init and when the day turns.
 * - sdk_config_log_kept_days: days back from today of which log files are kept, 0 to 36500;
 *   default 7. Older ones are removed at init and when the day turns.
 * - sdk_config_log_day_mb: megabytes (1048576 bytes) of a day's log file from which on lines below
 *   TIM_LOG_WARN are left out, and from twice that on all; 1 to 1000000, default 64.
 * - sdk_config_callback_mode: "thread": callbacks run on a thread of libtim; "poll": they run inside
 *   tim_poll; "window", on Windows only: they run on the thread that calls tim_init, in its message
 *   loop. Default: "thread"; on Windows "window" when the calling thread owns a window, or is the
 *   first thread of a program without a console, and "thread" otherwise.
 * - sdk_config_server_url: wss://host:port/path; several, separated by commas or as an array, are
 *   tried in turn. Default: the environment variable TIM_SERVER_URL.
 * - sdk_config_server_ca_file: PEM file of an issuer to trust besides the usual ones. Default:
 *   the environment variable TIM_SERVER_CA.
 * - sdk_config_server_pins: array, or text with commas, of SHA-256 sums of the public keys that
 *   the server may have; hexadecimal or base64, "sha256/" may stand before.
 * - sdk_config_connect_timeout_ms, sdk_config_login_timeout_ms, sdk_config_request_timeout_ms:
 *   milliseconds; defaults 10000, 30000, 15000.
 *
 * @param sdk_app_id  The app's number at the server; not 0.
 * @param json_sdk_config  JSON object, UTF-8. NULL or "" means all defaults.
 * @return 0 when libtim is ready for calls. TIM_ERR_JSON: not a JSON object. TIM_ERR_PARAM: app
 *   id 0, a value that cannot be used, a folder that cannot be written, or initialised already
 *   with another app id or config; the log callback and tim_get_stats tell which.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_init(uint64_t sdk_app_id,
             const char *json_sdk_config);

/**
 * Stops libtim.
 *
 * Calls that are pending are completed with TIM_ERR_SDK_COMM_INTERRUPT, the database is closed
 * and the connection ended; a callback that runs is waited for, and new messages that wait are
 * told. When it returns, nothing of libtim runs any more. In poll mode and in window mode the last
 * callbacks run inside this call. Inside a callback
 * it returns at once, and all this happens when that callback returns; a later tim_uninit or
 * tim_init on another thread waits for it. Registered callbacks stay registered.
 *
 * @return 0, also when libtim was not initialised. TIM_ERR_SDKUNINIT in the child of a fork, and on
 *   Windows when the process is ending already (DllMain, destructors of global objects in DLLs).
 * @note Any thread, also inside a callback. Do not hold a lock that a callback waits for.
 * @since 0.1.0
 */
TIM_API int tim_uninit(void);

/**
 * Logs a user in.
 *
 * The callback comes when the server has accepted or refused the ticket, at the latest after 30
 * seconds. The first login of a user ID creates the account. From this call on conversations may
 * be asked for; all else needs the login to succeed. libtim reconnects by itself and logs in
 * again with the same ticket. For a user who is logged in already the ticket is renewed over the
 * open connection; another user takes the place of the one logged in, or of a login that is
 * pending, which then ends with TIM_ERR_LOGGED_OUT_BEFORE_LOGIN_FINISHED.
 *
 * @param user_id  1 to 32 letters, digits, '_' or '-'. Not NULL, not empty.
 * @param user_sig  Login ticket, made by the app's own server. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. Codes among others:
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, TIM_ERR_USER_SIG_EXPIRED, TIM_ERR_DB_IN_USE. Never
 *   TIM_ERR_LOGIN_KICKED_OFF_BY_OTHER in this version: a session that another device took, also
 *   while this one was away, is told by the kicked-offline callback.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty, too long or not UTF-8.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_login(const char *user_id,
              const char *user_sig,
              tim_comm_callback cb,
              const void *user_data);

/**
 * Logs the user out.
 *
 * A login that is pending ends with TIM_ERR_LOGGED_OUT_BEFORE_LOGIN_FINISHED first. Nobody being
 * logged in is a success too. No messages come any more; what is stored on this device stays.
 *
 * @param cb  Outcome; NULL allowed. json_params is empty.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_logout(tim_comm_callback cb, const void *user_data);

/**
 * Tells where the login stands.
 *
 * It is TIM_LOGIN_STATUS_LOGINING as soon as tim_login has returned, and changes at the moment
 * at which the callback that tells of the change starts.
 *
 * @return A tim_login_status; TIM_LOGIN_STATUS_UN_LOGINED before tim_init and after tim_uninit.
 * @note Any thread, also inside a callback; takes no lock that is held for long.
 * @since 0.1.0
 */
TIM_API tim_login_status tim_get_login_status(void);

/**
 * Gives the ID of the user who is logged in.
 *
 * @param user_id_buffer  At least 128 bytes; gets the ID with a NUL, or an empty text when
 *   nobody is logged in. Not NULL.
 * @return 0. TIM_ERR_PARAM: the buffer is NULL. TIM_ERR_SDKUNINIT: not initialised.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_get_login_user_id(char *user_id_buffer);

/**
 * Gives the version of the library.
 *
 * @return A text such as "0.1.0", valid for ever; never NULL.
 * @note Any thread, at any time.
 * @since 0.1.0
 */
TIM_API const char *tim_get_sdk_version(void);

/**
 * Gives the server's clock.
 *
 * @return Seconds since 1970. The local clock, corrected by what the last login told; the bare
 *   local clock before that.
 * @note Any thread, at any time.
 * @since 0.1.0
 */
TIM_API uint64_t tim_get_server_time(void);

/**
 * Changes settings, and tells all that are in force.
 *
 * Either all given keys are taken or, when one of them is wrong, none. Settings last until the
 * process ends, beyond tim_uninit too.
 *
 * Keys, all optional, unknown ones ignored:
 * - set_config_log_level, set_config_callback_log_level: least tim_log_level that is written to
 *   the log file, or told to the log callback, each for itself; TIM_LOG_OFF: nothing is. Default
 *   of both: TIM_LOG_DEBUG. At once. Lines for the file before tim_init are kept for it, 64 KB at
 *   most.
 * - set_config_is_log_output_console: true prints to stderr what goes to the file; default
 *   false. At once.
 * - set_config_user_config: object with user_config_is_is_disable_storage; true keeps nothing on
 *   disk. From the next tim_init on.
 * - set_config_user_define_data: text of the app, at most 64 bytes, that every login takes to the
 *   server, for the app's own server. From the next tim_init on.
 * - set_config_http_proxy_info: object with http_proxy_info_ip, http_proxy_info_port and, if
 *   needed, http_proxy_info_username, http_proxy_info_password; for uploads and downloads only,
 *   which a later version brings. An empty address with port 0 means none.
 * - set_config_socks5_proxy_info: the same with socks5_proxy_info_ip and so on; name and password
 *   at most 255 bytes each. All connections go through it, and it looks up the server's name.
 *   From the next tim_init on. TIM_ERR_PROXY_UNREACHABLE, TIM_ERR_PROXY_LOGIN and
 *   TIM_ERR_PROXY_FAILED tell the network status callback and a login of trouble with it.
 * - set_config_pac_proxy_info: refused with TIM_ERR_NOT_SUPPORTED.
 * - set_config_is_only_local_dns_source: true or false; names are always resolved by the system.
 *
 * @param json_config  JSON object, UTF-8. Not NULL, not empty; {} changes nothing.
 * @param cb  Outcome; NULL allowed. json_params holds all keys with the values in force, without
 *   passwords. A wrong value: TIM_ERR_INVALID_PARAMETERS.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_JSON: not a JSON object. TIM_ERR_PARAM: NULL or empty, or cb is
 *   NULL and a value is wrong. TIM_ERR_QUEUE_FULL: nothing was taken.
 * @note Any thread, also inside a callback, also before tim_init and after tim_uninit, when cb
 *   runs before the call returns.
 * @since 0.1.0
 */
TIM_API int tim_set_config(const char *json_config, tim_comm_callback cb, const void *user_data);

/**
 * Sets who is told of the link to the server.
 *
 * A callback that is set while libtim runs is told the present state first, then every change.
 * TIM_CONNECTED comes only after the server has spoken libtim's protocol.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_network_status_listener_callback(tim_network_status_listener_callback cb,
                                              const void *user_data);

/**
 * Sets who is told that another login of the same user ended this one.
 *
 * Calls that need a login end with TIM_ERR_SDK_NOT_LOGGED_IN from then on. Log in again if the
 * user wants to be here, which ends the other one.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API void tim_set_kicked_offline_callback(tim_kicked_offline_callback cb, const void *user_data);

/**
 * Sets who is told that the login ticket ran out while online.
 *
 * The session lives on for some minutes. Get a new ticket from the app's server and call
 * tim_login with it.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_user_sig_expired_callback(tim_user_sig_expired_callback cb,
                                       const void *user_data);

/**
 * Sets who is told of the lines of libtim's log.
 *
 * Lines below set_config_callback_log_level are left out. When lines come faster than the
 * callback takes them, some are dropped; tim_get_stats counts them.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it. While libtim is not initialised, lines are
 *   told on the thread that causes them, so on several at once. Lines that the callback itself
 *   causes go to the file only.
 * @since 0.1.0
 */
TIM_API void tim_set_log_callback(tim_log_callback cb, const void *user_data);

/**
 * Gives the name of a code.
 *
 * @param code  What a function returned or a callback was given.
 * @return The constant's name, such as "TIM_ERR_SDK_NOT_LOGGED_IN", or "unknown code", which is the
 *   answer to all codes in the child of a fork; valid for ever, never NULL.
 * @note Any thread, at any time.
 * @since 0.1.0
 */
TIM_API const char *tim_error_name(int32_t code);

/**
 * Tells the status of users.
 *
 * Asks the server. One's own ID gives one's own status.
 *
 * @param json_identifier_array  JSON array of 1 to 500 user IDs. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array in the order of the request, of
 *   objects with user_status_identifier, user_status_status_type (a tim_user_status_type),
 *   user_status_custom_status and user_status_online_devices (names of platforms). When one of
 *   them can be no user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_get_user_status(const char *json_identifier_array,
                        tim_comm_callback cb,
                        const void *user_data);

/**
 * Sets one's own custom status.
 *
 * Users who subscribed to it are told, and so are one's own other devices. It lasts until the
 * user goes offline.
 *
 * @param json_current_user_status  JSON object with user_status_custom_status: at most 100 bytes,
 *   empty to clear it. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_set_self_status(const char *json_current_user_status,
                        tim_comm_callback cb,
                        const void *user_data);

/**
 * Subscribes to the status of users.
 *
 * Their changes come by the user status callback. A user can subscribe to 200 others; beyond
 * that the oldest subscription goes.
 *
 * @param json_identifier_array  JSON array of 1 to 100 user IDs, not one's own. Not NULL, not
 *   empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
 *   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_subscribe_user_status(const char *json_identifier_array,
                              tim_comm_callback cb,
                              const void *user_data);

/**
 * Ends subscriptions to the status of users.
 *
 * @param json_identifier_array  JSON array of user IDs; NULL, "" or [] ends all.
 * @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
 *   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_JSON: not a JSON array. TIM_ERR_NOTLOGIN: not logged in, and cb is
 *   NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_unsubscribe_user_status(const char *json_identifier_array,
                                tim_comm_callback cb,
                                const void *user_data);

/**
 * Sets who is told of the status of users.
 *
 * Comes for users that were subscribed to, and for one's own custom status when another device
 * changed it.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_user_status_changed_callback(tim_user_status_changed_callback cb,
                                          const void *user_data);

/**
 * Tells the profiles of users.
 *
 * A profile that was fetched in the last 10 minutes is answered from this device, the others by
 * the server; when it does not answer in time, older ones that are remembered are told. One's own
 * ID gives one's own profile.
 *
 * Keys of the query: friendship_getprofilelist_param_identifier_array (required), an array of 1
 * to 500 user IDs; friendship_getprofilelist_param_force_update, true to ask the server for all of
 * them (default false).
 *
 * Keys of a UserProfile: user_profile_identifier, user_profile_nick_name, user_profile_gender (a
 * tim_gender_type), user_profile_face_url, user_profile_self_signature,
 * user_profile_add_permission (a tim_profile_add_permission), user_profile_location,
 * user_profile_language, user_profile_birthday, user_profile_level, user_profile_role (numbers of
 * the app's own), and user_profile_custom_string_array, an array of objects with
 * user_profile_custom_string_info_key and user_profile_custom_string_info_value.
 *
 * @param json_get_user_profile_list_param  JSON object. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array of UserProfile in the order of the
 *   query, without users who never registered. When one of the IDs can be no user ID:
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_profile_get_user_profile_list(const char *json_get_user_profile_list_param,
                                      tim_comm_callback cb,
                                      const void *user_data);

/**
 * Changes one's own profile.
 *
 * What is not named stays as it is. One's own devices are told by the own profile callback, this
 * one among them, and users who subscribed to the profile by the user info callback.
 *
 * Keys, each of them optional: user_profile_item_nick_name, user_profile_item_face_url,
 * user_profile_item_self_signature (at most 500 bytes each), user_profile_item_location (at most
 * 16 bytes), user_profile_item_gender (a tim_gender_type), user_profile_item_add_permission (a
 * tim_profile_add_permission), user_profile_item_language, user_profile_item_birthday,
 * user_profile_item_level, user_profile_item_role (numbers of the app's own), and
 * user_profile_item_custom_string_array, an array of the custom fields to write: objects with
 * user_profile_custom_string_info_key, 1 to 8 letters, before which Tag_Profile_Custom_ is put
 * where it is missing, and user_profile_custom_string_info_value, at most 500 bytes; an empty one
 * takes the field away. A profile has at most 20 custom fields.
 *
 * @param json_modify_self_user_profile_param  JSON object. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. Codes among others:
 *   TIM_ERR_SVR_PROFILE_SIZE_LIMIT, a text is too long; TIM_ERR_SVR_PROFILE_VALUE_ERROR, a value
 *   that the field does not take, or too many custom fields;
 *   TIM_ERR_SDK_FRIENDSHIP_INVALID_PROFILE_KEY, the name of a custom field.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_profile_modify_self_user_profile(const char *json_modify_self_user_profile_param,
                                         tim_comm_callback cb,
                                         const void *user_data);

/**
 * Subscribes to changes of the profiles of users.
 *
 * They come by the user info callback while this user is online. A user can subscribe to 200
 * others; beyond that the oldest subscription goes. Subscriptions outlive the login.
 *
 * @param json_user_id_list  JSON array of 1 to 200 user IDs, not one's own. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
 *   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_subscribe_user_info(const char *json_user_id_list,
                            tim_comm_callback cb,
                            const void *user_data);

/**
 * Ends subscriptions to the profiles of users.
 *
 * @param json_user_id_list  JSON array of at most 200 user IDs; NULL, "" or [] ends all.
 * @param cb  Outcome; NULL allowed. json_params is empty. When one of them can be no user
 *   ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_JSON: not a JSON array. TIM_ERR_NOTLOGIN: not logged in, and cb is
 *   NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_unsubscribe_user_info(const char *json_user_id_list,
                              tim_comm_callback cb,
                              const void *user_data);

/**
 * Sets who is told that one's own profile changed.
 *
 * Comes on each of one's own devices, also on the one that changed it; on a device that was away,
 * when it has caught up.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_self_info_updated_callback(tim_self_info_updated_callback cb,
                                        const void *user_data);

/**
 * Sets who is told that profiles of users that were subscribed to changed.
 *
 * Comes for users that were subscribed to with tim_subscribe_user_info. What changed while this
 * device was away is not told: ask for the profile.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_user_info_changed_callback(tim_user_info_changed_callback cb,
                                        const void *user_data);

/**
 * Adds a callback for messages that are new to this device.
 *
 * Several may be there; each is told. Add them before tim_login: what came while the user was
 * away is told right after it. After the first login of a user on a device there is no such
 * while: messages that are older come as conversations, with their unread counts and last
 * messages, and not through this callback; tim_msg_get_msg_list has them. Messages of users with
 * TIM_RECV_MSG_OPT_NOT_RECEIVE are not told. Adding the same function again only changes its
 * user_data.
 *
 * @param cb  NULL does nothing.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect with the next event.
 * @since 0.1.0
 */
TIM_API void tim_add_recv_new_msg_callback(tim_recv_new_msg_callback cb, const void *user_data);

/**
 * Removes a callback for new messages.
 *
 * @param cb  The same function that was added; another one, or NULL, does nothing.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the callback is waited
 *   for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API void tim_remove_recv_new_msg_callback(tim_recv_new_msg_callback cb);

/**
 * Sends a message.
 *
 * The message is stored on this device first. While the link is down it waits there and is sent
 * after the reconnect, once, in order, also by a later run of the program. The callback comes
 * when the server has it or has refused it for good.
 *
 * Keys of the message: message_elem_array (required), an array of 1 to 100 elements, each with
 * elem_type (a tim_elem_type) and the keys of its kind:
 * - TIM_ELEM_TEXT: text_elem_content.
 * - TIM_ELEM_CUSTOM: custom_elem_data, custom_elem_desc, custom_elem_ext, custom_elem_sound.
 * - TIM_ELEM_FACE: face_elem_index, face_elem_buf.
 * - TIM_ELEM_LOCATION: location_elem_desc, location_elem_longitude, location_elem_latitude.
 *
 * Optional: message_cloud_custom_str, message_priority, message_is_online_msg (only for those
 * who are online: not stored, not counted), message_need_read_receipt,
 * message_is_excluded_from_unread_count, message_excluded_from_last_message, message_custom_int
 * and message_custom_str (stay on this device). All texts together: at most 12 KB.
 *
 * @param conv_id  User ID of the receiver, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_param  JSON object. Not NULL, not empty.
 * @param message_id_buffer  At least 128 bytes, or NULL; gets the message's id before the call
 *   returns and before cb runs. The id never changes.
 * @param cb  Outcome; NULL allowed. json_params is the Message as sent: what was given, and
 *   message_msg_id, message_seq, message_server_time, message_status and others. Codes among
 *   others: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, conv_id can be no user ID;
 *   TIM_ERR_INVALID_PARAMETERS, a key is missing or wrong, or the number of elements;
 *   TIM_ERR_INVALID_MSG_ELEM, an elem_type that is none of these; TIM_ERR_OUTBOX_FULL.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback. Messages of one thread arrive in the order of calls.
 * @since 0.1.0
 */
TIM_API
int tim_msg_send_message(const char *conv_id,
                         tim_conv_type conv_type,
                         const char *json_msg_param,
                         char *message_id_buffer,
                         tim_comm_callback cb,
                         const void *user_data);

/**
 * Gives messages of a conversation.
 *
 * Answers from this device; with is_ramble, what is missing here is fetched from the server
 * first. What that has not told after 15 seconds, as without a link, is left out: then messages may
 * be missing in between. After a login that failed for want of a network it is what this device has;
 * before any login cb gets TIM_ERR_SDK_NOT_LOGGED_IN.
 *
 * Keys, all optional: msg_getmsglist_param_last_msg (a Message to start from, itself left out;
 * its message_msg_id is enough; without it: the newest, or with is_forward the oldest),
 * msg_getmsglist_param_count (0 or left out: 20; more than 1000 count as 1000),
 * msg_getmsglist_param_is_ramble, msg_getmsglist_param_is_forward (true: newer ones, oldest first;
 * false: older ones, newest first), msg_getmsglist_param_message_type_array (tim_elem_type; only
 * without is_ramble), msg_getmsglist_param_time_begin and msg_getmsglist_param_time_period
 * (seconds).
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_get_msg_param  JSON object; {} for the newest 20. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array of Message. When conv_id can be no
 *   user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: no login, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_get_msg_list(const char *conv_id,
                         tim_conv_type conv_type,
                         const char *json_get_msg_param,
                         tim_comm_callback cb,
                         const void *user_data);

/**
 * Marks messages as read.
 *
 * The other one is told by a read receipt, one's own other devices by conversation events.
 *
 * @param conv_id  User ID of the other one, or group ID; NULL or "" means every conversation of
 *   this type.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_param  JSON object: the Message up to which all is read; its message_msg_id is
 *   enough. NULL or "": everything that is there.
 * @param cb  Outcome; NULL allowed. json_params is empty. When conv_id can be no user ID:
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is not UTF-8. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_report_readed(const char *conv_id,
                          tim_conv_type conv_type,
                          const char *json_msg_param,
                          tim_comm_callback cb,
                          const void *user_data);

/**
 * Sets who is told that peers have read.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_msg_readed_receipt_callback(tim_msg_readed_receipt_callback cb,
                                         const void *user_data);

/**
 * Marks everything as read, in all conversations.
 *
 * As tim_msg_report_readed for every conversation of every type; an older form.
 *
 * @param cb  Outcome; NULL allowed. json_params is empty.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_msg_mark_all_message_as_read(tim_comm_callback cb, const void *user_data);

/**
 * Sends a message to many users.
 *
 * Each gets a message of his own, in his conversation with the user, as by tim_msg_send_message: it
 * is stored on this device first, and sent after a reconnect when the link is down. The callback
 * comes when something is known of all of them. A user who is named twice gets it twice.
 *
 * @param json_batch_send_param  JSON object: msg_batch_send_param_identifier_array (required; 1 to
 *   500 user IDs) and msg_batch_send_param_msg (required; a Message with the keys that
 *   tim_msg_send_message takes). Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array of MsgBatchSendResult, in the order of
 *   the user IDs: objects with msg_batch_send_result_identifier, msg_batch_send_result_code (the
 *   code of tim_msg_send_message), msg_batch_send_result_desc and, on success,
 *   msg_batch_send_result_msg (the Message as sent). Codes of the call itself:
 *   TIM_ERR_INVALID_PARAMETERS, a key is missing or wrong, the number of elements or of users;
 *   TIM_ERR_INVALID_MSG_ELEM; TIM_ERR_SDK_MSG_BODY_SIZE_LIMIT. When the session ends before all is
 *   known, its code; what was accepted waits for the next login.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_batch_send(const char *json_batch_send_param,
                       tim_comm_callback cb,
                       const void *user_data);

/**
 * Sends a message.
 *
 * As tim_msg_send_message, without its message_id_buffer; an older form.
 *
 * @param conv_id  User ID of the receiver, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_param  JSON object. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is the Message as sent. Codes as of
 *   tim_msg_send_message.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback. Messages of one thread arrive in the order of calls.
 * @since 0.1.0
 */
TIM_API
int tim_msg_send_new_msg(const char *conv_id,
                         tim_conv_type conv_type,
                         const char *json_msg_param,
                         tim_comm_callback cb,
                         const void *user_data);

/**
 * Sends a message.
 *
 * As tim_msg_send_message, with a callback instead of its message_id_buffer; an older form.
 *
 * @param conv_id  User ID of the receiver, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_param  JSON object. Not NULL, not empty.
 * @param msgid_cb  Told before res_cb, once the message has its id, whatever becomes of it then:
 *   json_params is that id, not JSON. NULL allowed. Not called when the message cannot be read or
 *   nobody is logged in.
 * @param res_cb  Outcome; NULL allowed. json_params is the Message as sent. Codes as of
 *   tim_msg_send_message.
 * @param user_data  Handed to both as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and res_cb is NULL.
 * @note Any thread, also inside a callback. Messages of one thread arrive in the order of calls.
 * @since 0.1.0
 */
TIM_API
int tim_msg_send_new_msg_ex(const char *conv_id,
                            tim_conv_type conv_type,
                            const char *json_msg_param,
                            tim_comm_callback msgid_cb,
                            tim_comm_callback res_cb,
                            const void *user_data);

/**
 * Takes a message back, for everybody.
 *
 * Its sender may, for two minutes, unless the server's revoke_time says otherwise; who repeats it is
 * never too late. The owner of a group takes back what others wrote, at any time. It wants a connection: without one it waits for 15 seconds (TIM_ERR_SDK_NET_…), and
 * is carried out when one comes. After an error of the network it may have been carried out; repeat
 * it. The message stays in its place with message_status TIM_MSG_REVOKED and without
 * elements or cloud text, and message_revoker_user_id says who it was; only the devices of its
 * sender that had it keep the elements, to write it anew. The other one, and the user's other
 * devices, hear of it through tim_set_msg_revoke_callback. A message that was not read counts as
 * unread still.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_param  JSON object: a Message, of which message_msg_id, or else message_seq, says
 *   which it is. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_MSG_REVOKE_TIME_LIMIT: too
 *   late. TIM_ERR_INVALID_PARAMETERS: somebody else's message, one that the server does not have, or
 *   none of this conversation on this device.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_revoke(const char *conv_id,
                   tim_conv_type conv_type,
                   const char *json_msg_param,
                   tim_comm_callback cb,
                   const void *user_data);

/**
 * Changes a message that was sent, for everybody.
 *
 * Both of a conversation may, at any time; it wants a connection, as tim_msg_revoke does. Elements and cloud text become
 * what is given; text, custom, face and location elements can be changed, and into each other.
 * Everybody else hears of it through tim_set_msg_update_callback. When somebody changed the message
 * after the state that is given here (message_version), nothing happens, and the outcome has the
 * newer state: change that.
 *
 * @param json_msg_param  JSON object: a Message as it was told, with changes: message_conv_id,
 *   message_conv_type and message_elem_array (required), message_msg_id or else message_seq,
 *   message_version (left out: what this device has is taken to be known), message_cloud_custom_str
 *   (left out: none). Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is the Message as it stands, on success and with
 *   TIM_ERR_SDK_MSG_MODIFY_CONFLICT: somebody was faster, or took the message back (its
 *   message_status is TIM_MSG_REVOKED). TIM_ERR_INVALID_CONVERSATION: another message_conv_type.
 *   TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong, a message that the server does not have,
 *   or none of this conversation on this device. TIM_ERR_INVALID_MSG_ELEM,
 *   TIM_ERR_SDK_MSG_BODY_SIZE_LIMIT: as of tim_msg_send_message.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_modify_message(const char *json_msg_param,
                           tim_comm_callback cb,
                           const void *user_data);

/**
 * Deletes a message, on this device or on all devices of the user.
 *
 * Others keep it. When it was its conversation's last message, the one before takes its place; the
 * conversation listener is told on all devices, and conv_active_time stays. A message that was not read
 * counts as unread until its conversation is read. A message that the server does not have (not
 * accepted, or only kept here) goes from this device. What is gone already is no error: after an error
 * of the network, when it may have been carried out, repeat it.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msgdel_param  JSON object: msg_delete_param_msg (required; a Message, of which
 *   message_msg_id, or else message_seq, says which it is) and msg_delete_param_is_ramble: true
 *   deletes it from the history at the server and on all devices of the user, which wants a
 *   connection, as tim_msg_revoke does; false, or left out, on this device. With message_seq also one
 *   that this device does not have. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a key is
 *   missing or wrong, or the message is being sent.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_delete(const char *conv_id,
                   tim_conv_type conv_type,
                   const char *json_msgdel_param,
                   tim_comm_callback cb,
                   const void *user_data);

/**
 * Deletes messages of a conversation, on all devices of the user.
 *
 * As tim_msg_delete with msg_delete_param_is_ramble, for several: all of them or none.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_array  JSON array of Message, 1 to 50, of which message_msg_id, or else
 *   message_seq, says which they are. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: as of
 *   tim_msg_delete, none, or too many.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_list_delete(const char *conv_id,
                        tim_conv_type conv_type,
                        const char *json_msg_array,
                        tim_comm_callback cb,
                        const void *user_data);

/**
 * Deletes all messages of a conversation, on all devices of the user.
 *
 * The conversation stays, empty and read, of which the other one gets a receipt; others keep what they
 * have. What is being sent is not touched; what only another device has (not accepted, or kept there)
 * stays there. Wants a connection, as tim_msg_revoke does, when the server has messages of the
 * conversation.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param cb  Outcome; NULL allowed. json_params is empty. When conv_id can be no user ID:
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_CONV: another
 *   conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_clear_history_message(const char *conv_id,
                                  tim_conv_type conv_type,
                                  tim_comm_callback cb,
                                  const void *user_data);

/**
 * Calls off a message that waits to be sent.
 *
 * That is one for which there was no connection yet: it stays on this device with message_status
 * TIM_MSG_CANCEL, and its own callback gets TIM_ERR_SDK_SEND_MESSAGE_FAILED_WITH_CANCEL. One that
 * is on its way cannot be called off any more: take it back by tim_msg_revoke. One that went out
 * over a connection that was lost before the answer may have arrived all the same; then it becomes
 * an ordinary message of the conversation when this device learns of it.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param message_id  The message_msg_id. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SDK_INVALID_CANCEL_MESSAGE: no
 *   such message waits in this conversation.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_CONV: another
 *   conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_cancel_send(const char *conv_id,
                        tim_conv_type conv_type,
                        const char *message_id,
                        tim_comm_callback cb,
                        const void *user_data);

/**
 * Sets the callback for messages that were taken back.
 *
 * It is told by other users and by the user's other devices, also of what happened while this
 * device was away; who calls tim_msg_revoke has its outcome. A message that was taken back before
 * this device had it is not told, here or as a new one: history has it.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API void tim_set_msg_revoke_callback(tim_msg_revoke_callback cb, const void *user_data);

/**
 * Sets the callback for messages that were changed.
 *
 * It is told by other users and by the user's other devices, also of what happened while this
 * device was away; who calls tim_msg_modify_message has its outcome.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API void tim_set_msg_update_callback(tim_msg_update_callback cb, const void *user_data);

/**
 * Changes the app's own data beside a message, which stays on this device.
 *
 * Nobody else sees it, the user's other devices neither, and it is gone when the app is installed
 * anew. When the message is its conversation's last one, the conversation listener is told.
 *
 * @param json_msg_param  JSON object: a Message, of which message_msg_id (required) says which it is,
 *   and message_custom_int and message_custom_str what to keep; the one that is left out stays as it
 *   is. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a key is
 *   missing or wrong, or there is no such message on this device.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_set_local_custom_data(const char *json_msg_param,
                                  tim_comm_callback cb,
                                  const void *user_data);

/**
 * Gives messages by their ids, whatever their conversations.
 *
 * Answered from this device; those that are not there are left out.
 *
 * @param json_message_id_array  JSON array of texts, 1 to 1000: each the message_msg_id of a
 *   message. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array of Message, in the order of the ids.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, none, or too many.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_find_messages(const char *json_message_id_array,
                          tim_comm_callback cb,
                          const void *user_data);

/**
 * Gives messages of a conversation by their places in it.
 *
 * Answered from this device; those that are not there are left out. A message that the server has
 * not accepted, or that was only kept here, has no place: tim_msg_find_messages finds it.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_locator_array  JSON array of MsgLocator, 1 to 1000: objects with
 *   message_locator_seq (required; the message_seq), and message_locator_rand and
 *   message_locator_time (message_rand and message_server_time), which have to be the message's
 *   unless they are 0 or left out. Other keys are not looked at. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array of Message, in the order of the
 *   locators. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong, none, or too many. When
 *   conv_id can be no user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_find_by_msg_locator_list(const char *conv_id,
                                     tim_conv_type conv_type,
                                     const char *json_msg_locator_array,
                                     tim_comm_callback cb,
                                     const void *user_data);

/**
 * Keeps a message on this device without sending it.
 *
 * It is part of the conversation here and nowhere else: in its history at its time, found by its
 * id, and the conversation's last message when it is the newest; a conversation that was not there
 * appears. It counts as read, its message_status is TIM_MSG_LOCAL_IMPORTED, and its message_seq 0.
 *
 * Keys of the message: as for tim_msg_send_message, and message_sender (one of the two; left out or
 * empty: the logged-in user), message_server_time (seconds; left out or 0: now) and
 * message_client_time.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_param  JSON object. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is the Message as it is kept, with its new
 *   message_msg_id. Codes as of tim_msg_send_message; TIM_ERR_INVALID_PARAMETERS also when
 *   message_sender is somebody else.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_save_msg(const char *conv_id,
                     tim_conv_type conv_type,
                     const char *json_msg_param,
                     tim_comm_callback cb,
                     const void *user_data);

/**
 * Keeps messages on this device without sending them, such as those from before another system.
 *
 * Each is kept as by tim_msg_save_msg, at its own time; messages of the same second stay in their
 * order. All of them are, or none. The listeners of new messages are not told of them. Nothing is
 * compared: what is imported twice is there twice.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_msg_array  JSON array of Message, 1 to 1000, with the keys that tim_msg_save_msg
 *   takes. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. Codes as of tim_msg_save_msg;
 *   TIM_ERR_INVALID_PARAMETERS also for none, or too many.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_CONV: another conv_type. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_import_msg_list(const char *conv_id,
                            tim_conv_type conv_type,
                            const char *json_msg_array,
                            tim_comm_callback cb,
                            const void *user_data);

/**
 * Sets how messages of users reach this user.
 *
 * The server keeps it for each of them, and the conversation callback is told on all devices of the
 * user (conv_recv_opt); nobody else sees it. It may be set before there is a conversation, puts none
 * into the list, and survives the deletion of one.
 * With TIM_RECV_MSG_OPT_NOT_RECEIVE what they send is in the history and in the conversation, but it is
 * not told as a new message and not counted as unread, also not later. With TIM_RECV_MSG_OPT_NOT_NOTIFY and
 * TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT all comes as ever: not to notify is the app's part, and so is
 * what mentions the user. Conversations with any option but TIM_RECV_MSG_OPT_RECEIVE are left out of
 * the total unread count, and of counts by filter.
 * Wants a connection: without one it waits for 15 seconds.
 *
 * @param json_identifier_array  JSON array of 1 to 30 user IDs. Not NULL, not empty.
 * @param opt  A tim_receive_message_opt.
 * @param cb  Outcome; NULL allowed. json_params is empty. When it fails for some of them, it is set for
 *   the others, and the outcome is that of the first one that it fails for.
 *   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: one of them can be no user ID; nothing is set.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, none, more than 30, or another opt; nothing is set.
 *   TIM_ERR_UNKNOWN_OP: the server is older than receive options.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_set_c2c_receive_message_opt(const char *json_identifier_array,
                                        tim_receive_message_opt opt,
                                        tim_comm_callback cb,
                                        const void *user_data);

/**
 * Tells how messages of users reach this user.
 *
 * Answers at once, from what this device knows. Of a user for whom nothing was set it is
 * TIM_RECV_MSG_OPT_RECEIVE, whether there is such a user or not.
 *
 * @param json_identifier_array  JSON array of 1 to 30 user IDs. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array in the order of the request, of objects
 *   with msg_recv_msg_opt_result_identifier and msg_recv_msg_opt_result_opt (a
 *   tim_receive_message_opt). TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: one of them can be no user ID.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, none, or more than 30.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_get_c2c_receive_message_opt(const char *json_identifier_array,
                                        tim_comm_callback cb,
                                        const void *user_data);

/**
 * Sets the receive option for all messages, with a quiet time by the clock.
 *
 * The server keeps the numbers as they are given, and tells all devices of the user, this one
 * included. It changes neither what is received nor what is counted, and libtim sends no push
 * messages: whether to notify is for the app to decide by it.
 * Wants a connection: without one it waits for 15 seconds.
 *
 * @param opt  TIM_RECV_MSG_OPT_RECEIVE: no quiet time. TIM_RECV_MSG_OPT_NOT_NOTIFY, or
 *   TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT: in the quiet time.
 * @param start_hour  0 to 23, of the clock that the user sees.
 * @param start_minute  0 to 59.
 * @param start_second  0 to 59.
 * @param duration  Length of the quiet time in seconds. Below 86400 it comes every day; 86400 or more
 *   means for ever, from that time of today on.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a number is not
 *   one of these; its parameter is named.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_set_all_receive_message_opt(tim_receive_message_opt opt,
                                        int32_t start_hour,
                                        int32_t start_minute,
                                        int32_t start_second,
                                        uint32_t duration,
                                        tim_comm_callback cb,
                                        const void *user_data);

/**
 * Sets the receive option for all messages, with one quiet time.
 *
 * As tim_msg_set_all_receive_message_opt, which it replaces; this quiet time does not come again.
 *
 * @param opt  TIM_RECV_MSG_OPT_RECEIVE: no quiet time. TIM_RECV_MSG_OPT_NOT_NOTIFY, or
 *   TIM_RECV_MSG_OPT_NOT_NOTIFY_EXCEPT_AT: in the quiet time.
 * @param start_time_stamp  When it begins, seconds since 1970 (UTC); not 0.
 * @param duration  Its length in seconds.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: a number is not
 *   one of these; its parameter is named.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_set_all_receive_message_opt2(tim_receive_message_opt opt,
                                         uint32_t start_time_stamp,
                                         uint32_t duration,
                                         tim_comm_callback cb,
                                         const void *user_data);

/**
 * Tells the receive option for all messages.
 *
 * Asks the server. Before one was set it is TIM_RECV_MSG_OPT_RECEIVE, and all else is 0.
 *
 * @param cb  Outcome; NULL allowed. json_params is an object with msg_all_recv_msg_opt_level (a
 *   tim_receive_message_opt), msg_all_recv_msg_opt_start_hour, msg_all_recv_msg_opt_start_minute,
 *   msg_all_recv_msg_opt_start_second, msg_all_recv_msg_opt_start_time_stamp (seconds since 1970; 0:
 *   the hour, minute and second count) and msg_all_recv_msg_duration (seconds).
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_get_all_receive_message_opt(tim_comm_callback cb,
                                        const void *user_data);

/**
 * Sets the callback for changes of the receive option for all messages.
 *
 * Told on all devices of the user, the one that changed it included; of several changes while a device
 * was away the last one. A device that is new, or was away for long, is told how it stands if it was
 * ever set.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_msg_all_message_receive_option_callback(tim_msg_all_message_receive_option_callback cb,
                                                     const void *user_data);

/**
 * Searches the messages of this device.
 *
 * What is searched: the texts of text elements, and the descriptions of custom and location elements,
 * without regard to case. Words with spaces between them are found by their beginnings ("hel" finds
 * "Hello", "ello" does not), Chinese, Japanese, Korean and Thai by any part of them, from one character
 * on; a keyword of several words is found where they stand in this order. Messages that were taken back
 * or deleted are not found. Only what is on this device is searched: history that it never had, and
 * what happened to it while it was away, are not known here before tim_msg_get_msg_list.
 * As tim_msg_get_msg_list it answers after a login that failed for want of a network, too. The first
 * search after an update of libtim may wait until the messages from before are indexed: about half a
 * minute for a million.
 *
 * Keys: msg_search_param_keyword_array (required), 1 to 5 texts of at most 256 bytes;
 * msg_search_param_keyword_list_match_type: TIM_KEYWORD_LIST_MATCH_TYPE_OR, one of them is enough
 * (default), or TIM_KEYWORD_LIST_MATCH_TYPE_AND, all are in the message;
 * msg_search_param_message_type_array (tim_elem_type): only the texts of these elements (default: of
 * all three); msg_search_param_send_identifier_array: only messages of these senders, at most 100;
 * msg_search_param_conv_type and msg_search_param_conv_id: one conversation (default, or type 0: all);
 * msg_search_param_search_time_position (seconds; 0, the default: now) and
 * msg_search_param_search_time_period (seconds back from there; 0, the default: all);
 * msg_search_param_page_size (at most 10000; 0, the default: no pages, but never more than that) and
 * msg_search_param_page_index, from 0 on. The keys of a search at the server are not looked at.
 *
 * The result for one conversation: msg_search_result_total_count, how many messages were found, and
 * one item with the messages of the page, newest first; no item when there are none. For all
 * conversations: how many conversations have some, and a page of items, the one with the newest
 * message first. Such an item has the number of messages, and the message itself only when it is the
 * only one: for the others search in that conversation.
 *
 * @param json_search_message_param  JSON object: a MessageSearchParam. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is a MessageSearchResult. TIM_ERR_INVALID_PARAMETERS:
 *   a key is missing or wrong, no keyword or too many, one without a letter, digit or symbol, only
 *   elements without texts. When msg_search_param_conv_id can be no user ID:
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   object. TIM_ERR_NOTLOGIN: no login, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_search_local_messages(const char *json_search_message_param,
                                  tim_comm_callback cb,
                                  const void *user_data);

/**
 * Gives all conversations: the pinned ones first, then those that a message or a draft moved last.
 *
 * Answered from this device as soon as tim_login was called; what the server knows beyond that
 * comes by conversation events.
 *
 * @param cb  Outcome; NULL allowed. json_params is an array of ConvInfo: objects with conv_id,
 *   conv_type, conv_show_name, conv_unread_num, conv_active_time (milliseconds),
 *   conv_is_has_lastmsg, conv_last_msg (a Message), conv_draft, conv_is_pinned, conv_mark_array,
 *   conv_custom_data, conv_conversation_group_array and others.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_conv_get_conv_list(tim_comm_callback cb, const void *user_data);

/**
 * Gives some conversations.
 *
 * Those that do not exist are left out. Answered from this device as soon as tim_login was
 * called.
 *
 * @param json_get_conv_list_param  JSON array of objects with get_conversation_list_param_conv_id
 *   (user ID or group ID) and get_conversation_list_param_conv_type (a tim_conv_type). Not NULL,
 *   not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array of ConvInfo. When one of them can be
 *   no user ID: TIM_ERR_SDK_COMM_INVALID_IDENTIFIER.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL or empty. TIM_ERR_JSON: not a JSON array.
 *   TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_get_conv_info(const char *json_get_conv_list_param,
                           tim_comm_callback cb,
                           const void *user_data);

/**
 * Sets who is told that conversations appeared, left or changed.
 *
 * After a login TIM_CONV_EVENT_START comes, then what changed while the user was away, then
 * TIM_CONV_EVENT_FINISH.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API void tim_set_conv_event_callback(tim_conv_event_callback cb, const void *user_data);

/**
 * Gives one page of the conversations that pass a filter, in the order of tim_conv_get_conv_list.
 *
 * Answered from this device as soon as tim_login was called. A conversation that moves between two
 * pages is told by the conversation callback; one that does not is on one page exactly.
 *
 * @param filter  JSON object; what is absent does not matter, {} is all. Keys:
 *   conversation_list_filter_conv_type (a tim_conv_type),
 *   conversation_list_filter_conversation_group (name of a conversation group; empty: in none),
 *   conversation_list_filter_mark_type (has these marks; 0: has none),
 *   conversation_list_filter_has_unread_count, conversation_list_filter_has_group_at_info (true:
 *   has some; false: has none). Not NULL, not empty.
 * @param next_seq  0 for the first page, then what the page before gave, digit by digit: it means
 *   nothing but a place, and is mostly beyond 2^53, so that a JSON reader which keeps numbers as
 *   double spoils it.
 * @param count  At most so many conversations; 1 or more.
 * @param cb  Outcome; NULL allowed. json_params is an object with
 *   conversation_list_result_conv_list (an array of ConvInfo),
 *   conversation_list_result_next_seq (64 bits; 0 when there is no further page: it would begin
 *   anew) and conversation_list_result_is_finished.
 *   TIM_ERR_INVALID_PARAMETERS: a key is of the wrong type, or count is 0.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_get_conversation_list_by_filter(const char *filter,
                                             uint64_t next_seq,
                                             uint32_t count,
                                             tim_comm_callback cb,
                                             const void *user_data);

/**
 * Gives a conversation, which enters the list on this device when it is not there.
 *
 * Deprecated: a conversation is there with its first message.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param cb  Outcome; NULL allowed. json_params is a ConvInfo.
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this can be no user ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV: another conv_type.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_create(const char *conv_id,
                    tim_conv_type conv_type,
                    tim_comm_callback cb,
                    const void *user_data);

/**
 * Keeps what the user has begun to write in a conversation. It stays on this device.
 *
 * The conversation moves up as by a message, and enters the list when it is not there; the
 * conversation callback is told. A draft takes the place of the one before.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param json_draft_param  JSON object: draft_msg (a Message), draft_user_define (text of the app);
 *   draft_edit_time is filled in: now, by the server's clock, in seconds. At most 64 KiB. Not NULL,
 *   not empty.
 * @return 0 kept. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8, a key of the wrong type, or the
 *   draft too long. TIM_ERR_JSON: not a JSON object. TIM_ERR_CONV: another conv_type, or this can be
 *   no user ID. TIM_ERR_NOTLOGIN: not logged in. TIM_ERR_SUSPENDED: after tim_suspend.
 *   TIM_ERR_SDKUNINIT: not initialized.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_set_draft(const char *conv_id,
                       tim_conv_type conv_type,
                       const char *json_draft_param);

/**
 * Drops what the user has begun to write in a conversation.
 *
 * A conversation that was in the list for its draft only leaves it.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @return 0 dropped, or there was none. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV:
 *   another conv_type, or this can be no user ID. TIM_ERR_NOTLOGIN: not logged in.
 *   TIM_ERR_SUSPENDED: after tim_suspend. TIM_ERR_SDKUNINIT: not initialized.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_conv_cancel_draft(const char *conv_id, tim_conv_type conv_type);

/**
 * Counts the unread messages of all conversations together.
 *
 * Conversations with a receive option other than TIM_RECV_MSG_OPT_RECEIVE are left out. The callback
 * for changes of this number is silent until this was called once in the session; after another login
 * it has to be called anew.
 *
 * @param cb  Outcome; NULL allowed. json_params is an object with
 *   conv_get_total_unread_message_count_result_unread_count.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_get_total_unread_message_count(tim_comm_callback cb,
                                            const void *user_data);

/**
 * Sets who is told that the number of unread messages in all conversations together changed.
 *
 * Silent until tim_conv_get_total_unread_message_count was called, which tells the number at that
 * moment; from then on told of each change, once for all that comes together, until the session ends.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_conv_total_unread_message_count_changed_callback(tim_conv_total_unread_message_count_changed_callback cb,
                                                              const void *user_data);

/**
 * Counts the unread messages of the conversations that pass a filter.
 *
 * Conversations with a receive option other than TIM_RECV_MSG_OPT_RECEIVE are left out.
 *
 * @param filter  JSON object with the keys that tim_conv_get_conversation_list_by_filter takes.
 *   Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an object with
 *   conv_get_total_unread_message_count_result_unread_count. TIM_ERR_INVALID_PARAMETERS: a key is of
 *   the wrong type.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: tim_login was not called, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_get_unread_message_count_by_filter(const char *filter,
                                                tim_comm_callback cb,
                                                const void *user_data);

/**
 * Begins to tell when the number of unread messages that pass a filter changes.
 *
 * The callback for it is tim_set_conv_unread_message_count_changed_by_filter_callback. It is not told
 * of the number as it is now: tim_conv_get_unread_message_count_by_filter gives that. Filters are told
 * apart by conversation type, group and marks, other keys do not count here; of two that are the same
 * in these, however they are written, the later one takes the place of the earlier. At most 100 are
 * watched: a further one takes the place of the one subscribed to first. They end with the session.
 *
 * @param filter  JSON object with the keys that tim_conv_get_conversation_list_by_filter takes.
 *   Not NULL, not empty.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty, not UTF-8, or a key of the wrong type.
 *   TIM_ERR_JSON: not a JSON object. TIM_ERR_NOTLOGIN: not logged in. TIM_ERR_SUSPENDED: after
 *   tim_suspend. TIM_ERR_SDKUNINIT: not initialized.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_subscribe_unread_message_count_by_filter(const char *filter);

/**
 * Ends what tim_conv_subscribe_unread_message_count_by_filter began.
 *
 * @param filter  JSON object: a filter of the same conversation type, group and marks; another one
 *   changes nothing. Not NULL, not empty.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty, not UTF-8, or a key of the wrong type.
 *   TIM_ERR_JSON: not a JSON object. TIM_ERR_NOTLOGIN: not logged in. TIM_ERR_SUSPENDED: after
 *   tim_suspend. TIM_ERR_SDKUNINIT: not initialized.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_conv_unsubscribe_unread_message_count_by_filter(const char *filter);

/**
 * Sets who is told that the number of unread messages that pass a filter changed.
 *
 * Told at most once for all that comes together, for each filter that
 * tim_conv_subscribe_unread_message_count_by_filter named, with the JSON of that filter as libtim
 * writes it: the same keys and values, maybe in another order.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_conv_unread_message_count_changed_by_filter_callback(tim_conv_total_unread_message_count_changed_by_filter_callback cb,
                                                                  const void *user_data);

/**
 * Marks messages as read: of one conversation, of all of a type, or of all.
 *
 * Here at once, at the server as soon as there is a link. The conversation callback is told, and
 * who wrote the messages gets a receipt.
 *
 * @param conversation_id  "c2c_" with the user ID behind it, or "group_" with the group ID; "c2c" for
 *   all one-to-one conversations, "group" for all groups, NULL or empty for all.
 * @param clean_timestamp  One-to-one: what was sent up to this second; 0 for everything.
 * @param clean_sequence  Group: up to the message of this sequence; 0 for everything.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_INVALID_PARAMETERS: no
 *   conversation is named like this. TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this can be no user ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: not UTF-8. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_clean_conversation_unread_message_count(const char *conversation_id,
                                                     uint64_t clean_timestamp,
                                                     uint64_t clean_sequence,
                                                     tim_comm_callback cb,
                                                     const void *user_data);

/**
 * Puts a conversation on top of the list, or back to its place.
 *
 * The server keeps it, and the conversation callback is told on all devices of the user. At most
 * 50 conversations are pinned.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param is_pinned  true: on top.
 * @param cb  Outcome; NULL allowed. json_params is empty.
 *   TIM_ERR_SVR_CONV_CONV_PIN_COUNT_EXCEED_LIMIT: 50 are pinned.
 *   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
 *   TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this can be no user ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV: another conv_type.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_pin_conversation(const char *conv_id,
                              tim_conv_type conv_type,
                              bool is_pinned,
                              tim_comm_callback cb,
                              const void *user_data);

/**
 * Deletes a conversation with its messages.
 *
 * It leaves the list on all devices of the user, with its unread count, pin, marks, custom data, draft
 * and conversation groups, but not its receive option; the conversation callback is told with
 * TIM_CONV_EVENT_DEL. Its messages are
 * gone from the history at the server and on these devices; the other one keeps them, and gets no
 * receipt. The next message brings it back, empty before it. Messages that wait to be sent are not
 * touched. Wants a connection: without one it waits for 15 seconds, and is carried out when one comes.
 * A conversation that is not there is no error.
 *
 * @param conv_id  User ID of the other one, or group ID. Not NULL, not empty.
 * @param conv_type  TIM_CONV_C2C or TIM_CONV_GROUP.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SDK_COMM_INVALID_IDENTIFIER: this
 *   can be no user ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_CONV: another conv_type.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_delete(const char *conv_id,
                    tim_conv_type conv_type,
                    tim_comm_callback cb,
                    const void *user_data);

/**
 * Deletes conversations, with their messages or without.
 *
 * As tim_conv_delete for several. Without the messages they are there again when the next message
 * brings the conversation back; tim_msg_get_msg_list has them all the while.
 *
 * @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
 *   "group_" with the group ID. Not NULL, not empty.
 * @param clear_message  true: with their messages.
 * @param cb  Outcome; NULL allowed.
 *   json_params is an array of objects, one for each conversation in their order, with
 *   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
 *   success) and conversation_operation_result_result_info.
 *   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, or none.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_delete_conversation_list(const char *conversation_id_array,
                                      bool clear_message,
                                      tim_comm_callback cb,
                                      const void *user_data);

/**
 * Sets marks on conversations, or takes them away.
 *
 * The server keeps them, and the conversation callback is told on all devices of the user. What
 * they mean is the app's matter; at most 1000 conversations carry some.
 *
 * @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
 *   "group_" with the group ID. Not NULL, not empty.
 * @param mark_type  Bits of tim_conversation_mark_type; 1 << 32 to 1 << 63 are the app's own.
 * @param enable_mark  true: set; false: take away.
 * @param cb  Outcome; NULL allowed.
 *   json_params is an array of objects, one for each conversation in their order, with
 *   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
 *   success) and conversation_operation_result_result_info.
 *   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, none, or no mark. In a result:
 *   TIM_ERR_SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT: 1000 are marked;
 *   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_mark_conversation(const char *conversation_id_array,
                               uint64_t mark_type,
                               bool enable_mark,
                               tim_comm_callback cb,
                               const void *user_data);

/**
 * Attaches a text of the app to conversations.
 *
 * The server keeps it, and the conversation callback is told on all devices of the user; nobody
 * else sees it. At most 1000 conversations carry one.
 *
 * @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
 *   "group_" with the group ID. Not NULL, not empty.
 * @param custom_data  The text, at most 256 bytes; NULL or empty takes it away.
 * @param cb  Outcome; NULL allowed.
 *   json_params is an array of objects, one for each conversation in their order, with
 *   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
 *   success) and conversation_operation_result_result_info.
 *   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, none, or custom_data is too long. In a result:
 *   TIM_ERR_SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT: 1000 carry some;
 *   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_set_conversation_custom_data(const char *conversation_id_array,
                                          const char *custom_data,
                                          tim_comm_callback cb,
                                          const void *user_data);

/**
 * Creates a group of conversations.
 *
 * Only this user sees it, on all devices. There are at most 20; a conversation may be in several.
 *
 * @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
 * @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
 *   "group_" with the group ID. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed.
 *   json_params is an array of objects, one for each conversation in their order, with
 *   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
 *   success) and conversation_operation_result_result_info.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_TOTAL_COUNT_EXCEED_LIMIT: there are 20.
 *   TIM_ERR_SVR_CONV_INVALID_PARAMETERS: there is one of this name.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
 *   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100 conversations.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, or none. In a result:
 *   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_create_conversation_group(const char *group_name,
                                       const char *conversation_id_array,
                                       tim_comm_callback cb,
                                       const void *user_data);

/**
 * Gives the names of the groups of conversations, in the order of creation.
 *
 * Answered from this device; what the server knows beyond that comes by the callbacks of groups.
 *
 * @param cb  Outcome; NULL allowed. json_params is an array of texts.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_conv_get_conversation_group_list(tim_comm_callback cb, const void *user_data);

/**
 * Deletes a group of conversations. The conversations stay.
 *
 * @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not
 *   logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_delete_conversation_group(const char *group_name,
                                       tim_comm_callback cb,
                                       const void *user_data);

/**
 * Gives a group of conversations another name.
 *
 * @param old_name  Its name. Not NULL, not empty.
 * @param new_name  Its next name, 1 to 32 bytes. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
 *   TIM_ERR_SVR_CONV_INVALID_PARAMETERS: there is another one of the new name.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not
 *   logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_rename_conversation_group(const char *old_name,
                                       const char *new_name,
                                       tim_comm_callback cb,
                                       const void *user_data);

/**
 * Puts conversations into a group of conversations.
 *
 * A group has at most 1000: for a further one the one that was added first leaves.
 *
 * @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
 * @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
 *   "group_" with the group ID. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed.
 *   json_params is an array of objects, one for each conversation in their order, with
 *   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
 *   success) and conversation_operation_result_result_info.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
 *   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100 conversations.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, or none. In a result:
 *   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_add_conversations_to_group(const char *group_name,
                                        const char *conversation_id_array,
                                        tim_comm_callback cb,
                                        const void *user_data);

/**
 * Takes conversations out of a group of conversations.
 *
 * @param group_name  Its name, 1 to 32 bytes. Not NULL, not empty.
 * @param conversation_id_array  JSON array of 1 to 100 texts: "c2c_" with the user ID behind it, or
 *   "group_" with the group ID. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed.
 *   json_params is an array of objects, one for each conversation in their order, with
 *   conversation_operation_result_conversation_id, conversation_operation_result_result_code (0 for
 *   success) and conversation_operation_result_result_info.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NOT_EXIST: there is none of this name.
 *   TIM_ERR_SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH: more than 32 bytes.
 *   TIM_ERR_SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT: more than 100 conversations.
 *   TIM_ERR_INVALID_PARAMETERS: not texts, or none. In a result:
 *   TIM_ERR_SVR_CONV_ACCOUNT_NOT_FOUND: there is no such user.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: a text is NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON
 *   array. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_conv_delete_conversations_from_group(const char *group_name,
                                             const char *conversation_id_array,
                                             tim_comm_callback cb,
                                             const void *user_data);

/**
 * Sets who is told that there is a new group of conversations.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_conv_conversation_group_created_callback(tim_conv_conversation_group_created_callback cb,
                                                      const void *user_data);

/**
 * Sets who is told that a group of conversations is gone.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_conv_conversation_group_deleted_callback(tim_conv_conversation_group_deleted_callback cb,
                                                      const void *user_data);

/**
 * Sets who is told that a group of conversations has another name.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_conv_conversation_group_name_changed_callback(tim_conv_conversation_group_name_changed_callback cb,
                                                           const void *user_data);

/**
 * Sets who is told that conversations came into a group of conversations.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_conv_conversations_added_to_group_callback(tim_conv_conversations_added_to_group_callback cb,
                                                        const void *user_data);

/**
 * Sets who is told that conversations left a group of conversations.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_conv_conversations_deleted_from_group_callback(tim_conv_conversations_deleted_from_group_callback cb,
                                                            const void *user_data);

/**
 * Creates a group, whose owner the user becomes.
 *
 * Its members, the user among them, are told by the conversation callback, and by a first message with a
 * TIM_ELEM_GROUP_TIPS element of who came, but in a Meeting. This server has the types Public, Work and
 * Meeting. Wants a connection. When the connection is lost before the answer, nobody knows whether the
 * group was made: tim_group_get_joined_group_list tells.
 *
 * @param json_group_create_param  JSON object: create_group_param_group_name (required, 1 to 30 bytes);
 *   create_group_param_group_id (1 to 48 bytes of printable ASCII that do not begin with "@TGS#"; left
 *   out or empty, the server gives one), create_group_param_group_type (TIM_GROUP_PUBLIC when left out),
 *   create_group_param_group_member_array (at most 20 objects with group_member_info_identifier; their
 *   roles are not looked at), create_group_param_introduction (240 bytes),
 *   create_group_param_notification (300 bytes), create_group_param_face_url (100 bytes),
 *   create_group_param_add_option: who decides about joining (left out: TIM_GROUP_ADD_OPT_AUTH in
 *   Public, TIM_GROUP_ADD_OPT_ANY in Meeting; nobody joins a Work group; approvals are not here yet, so
 *   nobody joins with TIM_GROUP_ADD_OPT_AUTH either), create_group_param_approve_option: who brings
 *   others in (left out: TIM_GROUP_ADD_OPT_ANY in Work, TIM_GROUP_ADD_OPT_FORBID elsewhere),
 *   create_group_param_max_member_num (at most the server's limit, 2,000 unless it was changed). Not
 *   NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is a CreateGroupResult. Members who are not registered
 *   are left out. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong.
 *   TIM_ERR_SDK_GROUP_INVALID_ID, _NAME, _INTRODUCTION, _NOTIFICATION, _FACE_URL: too long, or not of
 *   that form. TIM_ERR_SVR_GROUP_INVALID_PARAMETERS: another type or option.
 *   TIM_ERR_SVR_GROUP_GROUPID_IN_USED, TIM_ERR_SVR_GROUP_GROUPID_IN_USED_FOR_SUPER: there is a group of
 *   that ID, or was, of somebody else, or there is one of the user. TIM_ERR_SVR_GROUP_COUNT_LIMIT: the user is in too many
 *   groups. TIM_ERR_SVR_GROUP_MEMBER_COUNT_LIMIT: more members than allowed.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_group_create(const char *json_group_create_param,
                     tim_comm_callback cb,
                     const void *user_data);

/**
 * Dissolves a group.
 *
 * Its owner may, but nobody may dissolve a Work group. It leaves the conversation lists of all members,
 * whom the conversation callback tells with TIM_CONV_EVENT_DEL. Wants a connection.
 *
 * @param group_id  Group ID. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_GROUP_PERMISSION_DENY: the user
 *   is not the owner, or it is a Work group. TIM_ERR_SVR_GROUP_NOT_FOUND: there is no such group.
 *   TIM_ERR_SDK_GROUP_INVALID_ID: this can be no group ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not logged in, and cb
 *   is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_group_delete(const char *group_id,
                     tim_comm_callback cb,
                     const void *user_data);

/**
 * Comes into a group.
 *
 * Its conversation enters the list; what was written before is not there. The other members get a
 * message with a TIM_ELEM_GROUP_TIPS element, but in a Meeting. Wants a connection.
 *
 * @param group_id  Group ID. Not NULL, not empty.
 * @param hello_msg  Text for who decides about it; NULL or empty allowed. Groups that want a decision
 *   take nobody yet, so nobody reads it.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_GROUP_PERMISSION_DENY: nobody
 *   walks into this group: it is a Work group, or its add option is not TIM_GROUP_ADD_OPT_ANY.
 *   TIM_ERR_SVR_GROUP_ALLREADY_MEMBER, TIM_ERR_SVR_GROUP_FULL_MEMBER_COUNT,
 *   TIM_ERR_SVR_GROUP_NOT_FOUND: as their names say. TIM_ERR_SVR_GROUP_COUNT_LIMIT: the user is in too
 *   many groups. TIM_ERR_SDK_GROUP_INVALID_ID: this can be no group ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: group_id is NULL or empty, or a text is not UTF-8.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_group_join(const char *group_id,
                   const char *hello_msg,
                   tim_comm_callback cb,
                   const void *user_data);

/**
 * Leaves a group.
 *
 * Its conversation leaves the list, on all devices of the user. The owner stays, but in a Work group,
 * which has no owner afterwards; with its last member a group ends. Wants a connection.
 *
 * @param group_id  Group ID. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is empty. TIM_ERR_SVR_GROUP_SUPER_NOT_ALLOW_QUIT: the
 *   owner cannot leave this group. TIM_ERR_SVR_GROUP_PERMISSION_DENY: the user is not in it.
 *   TIM_ERR_SVR_GROUP_NOT_FOUND: there is no such group. TIM_ERR_SDK_GROUP_INVALID_ID: this can be no
 *   group ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_NOTLOGIN: not logged in, and cb
 *   is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_group_quit(const char *group_id,
                   tim_comm_callback cb,
                   const void *user_data);

/**
 * The groups that the user is in, from the server.
 *
 * Wants a connection. The rate is not limited, but the conversation callback tells what changes.
 *
 * @param cb  Outcome; NULL allowed. json_params is an array of GroupBaseInfo, in any order;
 *   group_base_info_latest_seq, group_base_info_readed_seq and the unread count are those of this device.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_group_get_joined_group_list(tim_comm_callback cb,
                                    const void *user_data);

/**
 * Members of a group, a page of at most 100.
 *
 * Members may ask. Wants a connection.
 *
 * @param json_group_getmeminfos_param  JSON object: group_get_members_info_list_param_group_id
 *   (required), group_get_members_info_list_param_identifier_array (only these, at most 100),
 *   group_get_members_info_list_param_option (group_member_get_info_option_role_flag: bits of
 *   TIM_GROUP_MEMBER_ROLE_FLAG, 0 for all), group_get_members_info_list_param_next_seq (0, or left out,
 *   for the first page; else as the page before gave it, a number of up to 64 bits). Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is a GroupGetMemberInfoListResult, whose
 *   group_get_member_info_list_result_next_seq is 0 on the last page. Nickname and picture are filled in
 *   as far as this device has seen the profile. TIM_ERR_SVR_GROUP_PERMISSION_DENY: there is no such
 *   group, or the user is not in it. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong.
 *   TIM_ERR_SDK_GROUP_INVALID_ID: this can be no group ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_group_get_member_info_list(const char *json_group_getmeminfos_param,
                                   tim_comm_callback cb,
                                   const void *user_data);

/**
 * Brings users into a group.
 *
 * They are members at once. Who may do so is the group's approve option: in a Work group all members,
 * unless its creator said otherwise. Wants a connection.
 *
 * @param json_group_invite_param  JSON object: group_invite_member_param_group_id (required) and
 *   group_invite_member_param_identifier_array (required, 1 to 20 user IDs). Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an array of GroupInviteMemberResult in the order of
 *   the users: TIM_GROUP_MEMBER_HANDLED_SUC, TIM_GROUP_MEMBER_INCLUDED for who was in it before,
 *   TIM_GROUP_MEMBER_HANDLED_ERR for who is not registered or in too many groups.
 *   TIM_ERR_SVR_GROUP_PERMISSION_DENY: the user may not, or is not in it.
 *   TIM_ERR_SVR_GROUP_FULL_MEMBER_COUNT: not all of them have room; nobody came in.
 *   TIM_ERR_SVR_GROUP_NOT_FOUND: there is no such group. TIM_ERR_SDK_GROUP_INVITE_NO_MEMBER: nobody is
 *   named. TIM_ERR_INVALID_PARAMETERS: a key is missing or wrong. TIM_ERR_SDK_GROUP_INVALID_ID: this can
 *   be no group ID.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_PARAM: NULL, empty or not UTF-8. TIM_ERR_JSON: not a JSON object.
 *   TIM_ERR_NOTLOGIN: not logged in, and cb is NULL.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_group_invite_member(const char *json_group_invite_param,
                            tim_comm_callback cb,
                            const void *user_data);

/**
 * Runs callbacks that wait, in poll mode.
 *
 * Waits for the first job for as long as told, then runs what waits, in order, one at a time. A
 * job is a callback, or nothing to be seen when its callback is NULL. In poll mode no callback
 * runs anywhere else, but for the wake-up callback.
 *
 * @param max_jobs  At most so many; 0 or less: all that wait.
 * @param timeout_ms  Milliseconds to wait when there is nothing to do; 0: not at all, less: until
 *   there is something, or tim_uninit.
 * @return How many jobs ran, 0 or more; TIM_ERR_SDKUNINIT when libtim is not initialised;
 *   -TIM_ERR_BUSY when another thread is inside tim_poll; -TIM_ERR_IN_CALLBACK inside a callback;
 *   -TIM_ERR_NOT_SUPPORTED in thread mode and in window mode.
 * @note Any thread, one at a time; not inside a callback.
 * @since 0.1.0
 */
TIM_API int32_t tim_poll(int32_t max_jobs, int32_t timeout_ms);

/**
 * Gives a descriptor to watch in an event loop, in poll mode.
 *
 * It is readable while jobs wait; call tim_poll then. Only watch it: do not read, write or close
 * it. It is gone after tim_uninit.
 *
 * @return The descriptor; -1 when libtim is not initialised, in thread mode, and on Windows, whose
 *   event loops wait for other things: see tim_set_wakeup_callback.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_poll_fd(void);

/**
 * Sets who is called when jobs begin to wait, in poll mode.
 *
 * Called once when the first job comes, and once at the end of each tim_poll that leaves some: an
 * app that calls tim_poll once each time it is called misses nothing. When jobs wait already it is
 * called before this function returns.
 *
 * @param cb  Replaces the one before; NULL removes it. It must do nothing but wake the app's
 *   loop: no function of libtim may be called in it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0. TIM_ERR_SDKUNINIT in the child of a fork.
 * @note Any thread, at any time. cb runs on any thread, also during a call of the app. A running
 *   call of the old callback is waited for.
 * @since 0.1.0
 */
TIM_API int tim_set_wakeup_callback(tim_wakeup_callback cb, const void *user_data);

/**
 * Gives figures on how libtim is doing, as JSON.
 *
 * Keys: initialised; last_init_error (a text, or null); log_lines; log_lines_lost (what the log
 * files lack: they could not be written, or were full); log_file_error (why they cannot be written
 * now, or null); and, while initialised, client with calls_open, jobs_waiting, jobs_run,
 * events_dropped, log_lines_dropped, panics and reactor. Others may come with later versions.
 *
 * @param buffer  Gets the text with a NUL when it fits, and an empty text when it does not. NULL
 *   is allowed when size is 0.
 * @param size  Bytes of buffer.
 * @return Length of the text without the NUL: it was written when this is less than size.
 *   TIM_ERR_PARAM: buffer is NULL and size is not 0. TIM_ERR_SDKUNINIT in the child of a fork.
 * @note Any thread, at any time.
 * @since 0.1.0
 */
TIM_API int tim_get_stats(char *buffer, size_t size);

/**
 * Carries out an internal operation.
 *
 * An operation is chosen by name; docs/experimental.md lists them all, with their parameters and
 * what they do here. Those that are settings work before tim_init and take effect with the next
 * tim_init, whose own keys stand above them.
 *
 * Keys:
 * - request_internal_operation: the operation, such as "internal_operation_set_custom_server_info".
 * - the parameter of that operation, as the document names it.
 *
 * @param json_param  JSON object, UTF-8. Not NULL, not empty.
 * @param cb  Outcome; NULL allowed. json_params is an object with response_internal_operation and
 *   the result, if there is one. TIM_ERR_NOT_SUPPORTED: libtim does not offer this operation.
 *   TIM_ERR_INVALID_PARAMETERS: there is no such operation, or its parameter is missing or wrong.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_JSON: not a JSON object. TIM_ERR_PARAM: NULL or empty, or cb is
 *   NULL and the operation fails. TIM_ERR_QUEUE_FULL: nothing was done.
 * @note Any thread, also inside a callback, also before tim_init and after tim_uninit, when cb
 *   runs before the call returns.
 * @since 0.1.0
 */
TIM_API
int tim_call_experimental_api(const char *json_param,
                              tim_comm_callback cb,
                              const void *user_data);

/**
 * Sets who is told of notices of internal operations.
 *
 * Nothing is told in this version: no operation that is offered has notices.
 *
 * @param cb  Replaces the one before; NULL removes it.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return Nothing.
 * @note Any thread, at any time. Takes effect at once; a running call of the old callback is
 *   waited for, unless this is called from inside it.
 * @since 0.1.0
 */
TIM_API
void tim_set_experimental_notify_callback(tim_experimental_notify_callback cb,
                                          const void *user_data);

/**
 * Tells that the app went to the background.
 *
 * Everything goes on: the connection stays, and messages come. Offline push, which the server
 * would be told of, is not there yet. On a system that stops apps in the background, call
 * tim_suspend as well.
 *
 * @param unread_count  The number that an icon shows; not used in this version.
 * @param cb  Outcome; NULL allowed. json_params is empty.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: cb is NULL and nobody is logged in.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API
int tim_msg_do_background(uint32_t unread_count,
                          tim_comm_callback cb,
                          const void *user_data);

/**
 * Tells that the app came to the foreground.
 *
 * The link is looked at as by tim_notify_network_changed, since the device may have slept.
 *
 * @param cb  Outcome; NULL allowed. json_params is empty. It does not wait for the link.
 * @param user_data  Handed to cb as it is; NULL allowed.
 * @return 0 accepted. TIM_ERR_NOTLOGIN: cb is NULL and nobody is logged in.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_msg_do_foreground(tim_comm_callback cb, const void *user_data);

/**
 * Closes the database and the connection, until tim_resume.
 *
 * For systems that stop a process, or end it when it holds a file locked. When this returns the
 * file is free and the server knows that the connection has ended; it takes a fifth of a second at
 * most when the network does not. The user stays logged in here, and is offline for others.
 *
 * Calls that wait for the server are completed as when it does not answer in time: with what is on
 * the device, or else with TIM_ERR_SUSPENDED. A message that was accepted is sent after tim_resume,
 * and a login goes on; their callbacks come then. Calls that are made meanwhile are completed with
 * TIM_ERR_SUSPENDED; the tim_logout of who is logged in, too, since the server could not be told of
 * it. Callbacks go on running. tim_uninit works as ever.
 *
 * @return 0, also when it is suspended already. TIM_ERR_SDKUNINIT: not initialised.
 *   TIM_ERR_SDK_COMM_INTERRUPT: tim_uninit came in between. TIM_ERR_INTERNAL: a bug of libtim has
 *   ended the session. A code of the database: the last changes could not be written; nothing is
 *   open, and the session has ended.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_suspend(void);

/**
 * Opens the database again, and connects at once.
 *
 * The session goes on where it was: what was missed comes, what waits is sent. The network status
 * callback tells when the link stands. When another process has the user's database open by now,
 * the session ends: tim_login again.
 *
 * @return 0, also when it is not suspended. TIM_ERR_SDKUNINIT: not initialised.
 *   TIM_ERR_SDK_COMM_INTERRUPT: tim_uninit came in between. TIM_ERR_DB_IN_USE or another code of
 *   the database: it cannot be opened; nobody is logged in any more, and calls that waited have
 *   been completed with this code.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_resume(void);

/**
 * Tells that the device's network changed.
 *
 * While connected, the server is asked for a sign of life, and a link that gives none within five
 * seconds counts as lost. While libtim waits before the next attempt to connect, it tries at once;
 * an attempt that is more than a second old is begun anew. Not needed, as libtim notices by itself;
 * with it, it notices sooner.
 *
 * @return 0. TIM_ERR_SDKUNINIT: not initialised.
 * @note Any thread, also inside a callback.
 * @since 0.1.0
 */
TIM_API int tim_notify_network_changed(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TIM_H */
