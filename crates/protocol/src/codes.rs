//! Every code that a completion can carry: one table for the library, the server and the docs.
//!
//! The numbers and names are those of the twin interface, so that programs written against it
//! understand ours; 5000-5199 are our own and name what the twin has no number for. What a C
//! function itself returns (0 to -6) is another thing and stands in the header's enums.
//!
//! Every constant `X` here is `TIM_ERR_X` in C.

/// One code: its number, its C constant, and what it means for the caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// What the callback gets.
    pub number: i32,
    /// The C constant, such as `TIM_ERR_SDK_NOT_LOGGED_IN`.
    pub name: &'static str,
    /// One sentence for the developer who meets it.
    pub text: &'static str,
}

macro_rules! codes {
    ( $( $number:literal $konst:ident $text:literal ; )* ) => {
        $(
            #[doc = $text]
            pub const $konst: i32 = $number;
        )*

        /// All codes by rising number.
        pub static TABLE: &[Code] = &[
            $( Code {
                number: $number,
                name: concat!("TIM_ERR_", stringify!($konst)),
                text: $text,
            } ),*
        ];
    };
}

codes! {
    // Sent by the access layer of the server.
    -20009 SVR_SSO_FREQUENCY_LIMIT "Requests arrive faster than the server accepts them; slow down before retrying.";
    -10114 SVR_SSO_OVERLOAD "The server has more work than it can take; retry after a pause that grows.";
    -10113 SVR_SSO_FREQ_LIMIT "This user sends requests of this kind too fast; space them out.";
    -10112 SVR_SSO_APPID_WITHOUT_USING "The app id was retired; ask whoever runs the server for a valid one.";
    -10111 SVR_SSO_CMD_BLACK_LIST "This operation is barred for the app id by the server's operator.";
    -10110 SVR_SSO_APPID_BLACK_LIST "The app id is barred by the server's operator.";
    -10109 SVR_SSO_PACKET_WRONG "The server could not make sense of a request; update the library or report a bug.";
    -10108 SVR_SSO_PREPAID_ARREARS "The account that pays for this service has run out of credit.";
    -10107 SVR_SSO_UNSURPPORT "The server takes no bundled requests on this link; send them one by one.";
    -10106 SVR_SSO_D2KEY_WRONG "The session key failed to decrypt too often; log in again.";
    -10105 SVR_SSO_MSFSDK_QUIT "The access layer closed the session of its own accord; reconnect.";
    -10104 SVR_SSO_CLIENT_CLOSE "The client side closed the session; reconnect if that was not meant.";
    -10103 SVR_SSO_IDENTIFIER_INVALID "The identity behind the session is no longer accepted; log in again.";
    -10102 SVR_SSO_DISCONNECT "The access layer dropped the connection; wait for the reconnect.";
    -10101 SVR_SSO_DOWN_TIP "The session key ran out while a notice was being delivered; log in again.";
    -10009 SVR_SSO_COOKIE_INVALID "The session cookie does not belong to this connection; log in again.";
    -10008 SVR_SSO_NO_IMEI_AND_A2 "The request carried neither a session key nor a ticket; log in first.";
    -10007 SVR_SSO_VCODE_TIMEOUT "The captcha was not answered in time; ask for a new one.";
    -10006 SVR_SSO_UIN_INVALID "The session key belongs to another account than the request names.";
    -10005 SVR_SSO_EMPTY_KEY "The session key is empty; log in again.";
    -10004 SVR_SSO_A2_DOWN_INVALID "The server turned down the session ticket, possibly for safety; log in again.";
    -10003 SVR_SSO_A2_UP_INVALID "The session ticket has run out; log in again with a fresh user sig.";
    -10001 SVR_SSO_D2_EXPIRED "The session key has run out; log in again with a fresh user sig.";
    -10000 SVR_SSO_VCODE "The captcha marker in the request is wrong.";
    -302 SVR_SSO_CONNECT_LIMIT "The server holds as many connections as it can; retry later.";

    // Success.
    0 SUCC "The call did what was asked.";

    // 5000-5199: our own.
    5001 DB_IN_USE "Another process has this account's database open; close it there, or give this process a folder of its own.";
    5002 DB_TOO_NEW "A newer libtim wrote the database; update this program, the file was left as it is.";
    5003 DB_RESET "The database was damaged, so it was moved aside and is being filled again from the server.";
    5010 TLS_HOST_MISMATCH "The server's certificate is for another host name; check the server URL.";
    5011 TLS_CERT_EXPIRED "The server's certificate has expired; renew it, or set the clock right.";
    5012 TLS_UNKNOWN_ISSUER "The server's certificate comes from an issuer that is not trusted here; name its CA file in the config.";
    5013 TLS_PIN_MISMATCH "The server's key is none of the pinned ones; the pins are old or somebody sits in between.";
    5014 TLS_NOT_TLS "The server answered in plaintext where TLS was expected; check the port and the URL scheme.";
    5015 TLS_FAILED "The TLS handshake failed for another reason, which the description tells.";
    5016 TLS_CERT_NOT_YET_VALID "The server's certificate is not valid yet; set the clock right, here or where it was made.";
    5017 TLS_TOO_OLD "The server does not speak TLS 1.2 or 1.3; update it, or what stands in front of it.";
    5020 VERSION_REFUSED "The server refuses this version of the client; update libtim or the server.";
    5021 NOT_A_TIM_SERVER "Something answered at the server URL, but it is no timd; check host, port and path.";
    5022 NO_SERVER "No server URL is configured; set sdk_config_server_url or TIM_SERVER_URL.";
    5023 BAD_SERVER_URL "The server URL cannot be used; write it as wss://host:port/path.";
    5024 SERVER_BUSY "The server takes no more clients just now; libtim tries again by itself.";
    5025 SERVER_SHUTDOWN "The server is shutting down; libtim reconnects by itself.";
    5026 PROTOCOL "The other side broke the protocol and the link was closed; report it with both versions.";
    5030 QUEUE_FULL "Too many calls or callbacks are pending; let some of them finish first.";
    5031 BUSY "Another thread is inside tim_poll, or the last tim_uninit has not finished; try again in a moment.";
    5032 INTERNAL "libtim hit a bug of its own and caught it at the border; please report it with the log.";
    5033 NOT_SUPPORTED "libtim does not offer this here.";
    5034 IN_CALLBACK "This may not be called from inside a callback; do it after the callback has returned.";
    5035 OUTBOX_FULL "The outbox holds as many unsent messages as it may; wait until some have gone out.";
    5036 UNKNOWN_OP "The server does not know this operation; it is probably older than the client.";
    5037 FORKED "This process is a fork of the one that called tim_init; start libtim after forking.";
    5038 SUSPENDED "libtim is suspended; call tim_resume first.";
    5040 PROXY_UNREACHABLE "The SOCKS5 proxy cannot be reached; check its address and port.";
    5041 PROXY_LOGIN "The SOCKS5 proxy refuses the login; check name and password.";
    5042 PROXY_FAILED "The SOCKS5 proxy does not make the connection, or is none; the description tells.";

    // 6000-6999: the library itself; most of those marked `Old` come from the third version of the twin.
    6001 PARSE_RESPONSE_FAILED "An answer of the server could not be read; the two versions may not fit.";
    6002 SERIALIZE_REQ_FAILED "The request could not be written as a packet; look for odd values in its fields.";
    6003 NO_SUCC_RESULT "Old: every item of the batch failed.";
    6004 INVALID_CONVERSATION "There is no such conversation, or it was asked for before login.";
    6005 LOADMSG_FAILED "Messages could not be read from the local database; the file may be broken.";
    6006 FILE_TRANS_AUTH_FAILED "The file server did not authorise the transfer; log in again and retry.";
    6007 FILE_TRANS_NO_SERVER "No file server is known for the transfer; check the server's set-up.";
    6008 FILE_TRANS_UPLOAD_FAILED "The upload broke off; check the network and send again.";
    6009 FILE_TRANS_DOWNLOAD_FAILED "The download broke off, or the server has dropped the file, which it keeps for 7 days by default.";
    6010 HTTP_REQ_FAILED "An HTTP request to the file server failed; check the network and retry.";
    6011 TO_USER_INVALID "Old: the receiver is not valid.";
    6012 REQUEST_TIME_OUT "Old: the request got no answer in time.";
    6013 SDK_NOT_INITIALIZED "libtim is not running; call tim_init first, or stop calling after tim_uninit.";
    6014 SDK_NOT_LOGGED_IN "Nobody is logged in; wait for the login callback, or log in again after a kick.";
    6015 IN_PROGESS "The same thing is already being done; wait until the first call completes.";
    6016 INVALID_MSG_ELEM "An element of the message is not valid; check its elem_type and its keys.";
    6017 INVALID_PARAMETERS "A parameter is missing or wrong; the description names it.";
    6018 INIT_CORE_FAIL "Old: the core did not start.";
    6019 DATABASE_OPERATE_FAILED "The local database refused an operation; check folder rights, free space and the file itself.";
    6020 EXPIRED_SESSION_NODE "Old: the session has no node.";
    6021 INVALID_SDK_OBJECT "The object was not made by the library or is no longer usable.";
    6022 IO_OPERATION_FAILED "Reading or writing a local file failed; look at its rights and the free space.";
    6023 LOGGED_OUT_BEFORE_LOGIN_FINISHED "The login was given up because of a logout or the login of another user.";
    6024 TLSSDK_NOT_INITIALIZED "Old: the ticket module was not started.";
    6025 TLSSDK_USER_NOT_FOUND "Old: the ticket module has no such user.";
    6026 NO_PREVIOUS_LOGIN "Automatic login needs an earlier login of this user on this device.";
    6027 INVALID_JSON "The text is not valid JSON.";
    6028 OUT_OF_MEMORY "Memory ran out.";
    6031 IMAGE_UPLOAD_FAILED_NOTIMAGE "The file to send as an image is not an image that can be read.";
    6032 INVALID_MSG_RECEIVER "The receiver of the message is not valid; check its ID and the conversation type.";
    6100 BIND_FAIL_UNKNOWN "Old: binding failed for an unknown reason.";
    6101 BIND_FAIL_NO_SSOTICKET "Old: binding lacked its ticket.";
    6102 BIND_FAIL_REPEATD_BIND "Old: binding was done twice.";
    6103 BIND_FAIL_TINYID_NULL "Old: binding lacked the numeric id.";
    6104 BIND_FAIL_GUID_NULL "Old: binding lacked the device id.";
    6105 BIND_FAIL_UNPACK_REGPACK_FAILED "Old: binding could not unpack the registration.";
    6106 BIND_FAIL_REG_TIMEOUT "Old: binding waited too long for the registration.";
    6107 BIND_FAIL_ISBINDING "Old: binding is still under way.";
    6120 PACKET_FAIL_UNKNOWN "Old: the packet failed for an unknown reason.";
    6121 PACKET_FAIL_REQ_NO_NET "Old: there was no network to send the packet.";
    6122 PACKET_FAIL_RESP_NO_NET "Old: the network went away before the answer.";
    6123 PACKET_FAIL_REQ_NO_AUTH "Old: the packet was not authorised.";
    6124 PACKET_FAIL_SSO_ERR "Old: the access layer failed the packet.";
    6125 PACKET_FAIL_REQ_TIMEOUT "Old: the packet's request took too long.";
    6126 PACKET_FAIL_RESP_TIMEOUT "Old: the packet's answer took too long.";
    6127 PACKET_FAIL_REQ_ON_RESEND "Old: sending the packet again failed.";
    6128 PACKET_FAIL_RESP_NO_RESEND "Old: the packet was not truly sent again.";
    6129 PACKET_FAIL_FLOW_SAVE_FILTERED "Old: the packet was filtered out on storing.";
    6130 PACKET_FAIL_REQ_OVER_LOAD "Old: too many packets at once.";
    6131 PACKET_FAIL_LOGIC_ERR "Old: the packet broke a rule.";
    6150 FRIENDSHIP_PROXY_NOT_SYNCED "Old: the friend list is not synced yet.";
    6151 FRIENDSHIP_PROXY_SYNCING "Old: the friend list is being synced.";
    6152 FRIENDSHIP_PROXY_SYNCED_FAIL "Old: syncing the friend list failed.";
    6153 FRIENDSHIP_PROXY_LOCAL_CHECK_ERR "Old: the friend list call has bad parameters.";
    6160 GROUP_INVALID_FIELD "Old: an unknown group field was asked for.";
    6161 GROUP_STORAGE_DISABLED "Old: groups are not kept locally.";
    6162 LOADGRPINFO_FAILED "Old: the group's profile did not load.";
    6200 REQ_NO_NET_ON_REQ "Old: there was no network for the request.";
    6201 REQ_NO_NET_ON_RSP "Old: there was no network for the answer.";
    6205 SERIVCE_NOT_READY "Old: the service is not up yet.";
    6206 USER_SIG_EXPIRED "The user sig has run out; fetch a new one from your server and log in again.";
    6207 LOGIN_AUTH_FAILED "Old: the account was not authenticated.";
    6208 LOGIN_KICKED_OFF_BY_OTHER "The same account logged in elsewhere and this session ended; log in again if the user wants it here.";
    6209 NEVER_CONNECT_AFTER_LAUNCH "Old: no connection was made since the start.";
    6210 REQ_FAILED "Old: the access layer failed the request.";
    6211 REQ_INVALID_REQ "Old: the request is not valid.";
    6212 REQ_OVERLOADED "Old: too many requests are waiting.";
    6213 REQ_KICK_OFF "Old: another device took over the session.";
    6214 REQ_SERVICE_SUSPEND "Old: the service is halted.";
    6215 REQ_INVALID_SIGN "Old: the request's signature is wrong.";
    6216 REQ_INVALID_COOKIE "Old: the request's cookie is wrong.";
    6217 LOGIN_TLS_RSP_PARSE_FAILED "Old: the login answer could not be unpacked.";
    6218 LOGIN_OPENMSG_TIMEOUT "Old: the online report after login took too long.";
    6219 LOGIN_OPENMSG_RSP_PARSE_FAILED "Old: the answer to the online report could not be unpacked.";
    6220 LOGIN_TLS_DECRYPT_FAILED "Old: the login answer could not be decrypted.";
    6221 WIFI_NEED_AUTH "Old: the Wi-Fi wants a sign-in of its own.";
    6222 USER_CANCELED "Old: the user called it off.";
    6223 REVOKE_TIME_LIMIT_EXCEED "Old: the time for recalling this message is over.";
    6224 LACK_UGC_EXT "Old: the short-video extension is not present.";
    6226 AUTOLOGIN_NEED_USERSIG "Old: automatic login needs a new user sig.";
    6250 REQUEST_NO_NET_ONREQ "Old: no network for the request; try later.";
    6251 REQUEST_NO_NET_ONRSP "Old: no network for the answer; try later.";
    6252 REQUEST_FAILED "Old: the access layer failed (second number).";
    6253 REQUEST_INVALID_REQ "Old: the request is not valid (second number).";
    6254 REQUEST_OVERLOADED "Old: too many requests are waiting (second number).";
    6255 REQUEST_KICK_OFF "Old: another device took over (second number).";
    6256 REQUEST_SERVICE_SUSPEND "Old: the service is halted (second number).";
    6257 REQUEST_INVALID_SIGN "Old: the signature is wrong (second number).";
    6258 REQUEST_INVALID_COOKIE "Old: the cookie is wrong (second number).";
    6300 QAL_NO_SHORT_CONN_AVAILABLE "Old: no short connection could be had.";

    // 7000-7999: common to all domains, then login.
    7001 SDK_COMM_CROSS_THREAD "The call came from a thread it is not allowed on.";
    7002 SDK_COMM_TINYID_EMPTY "The internal id of the user is missing; log in again.";
    7003 SDK_COMM_INVALID_IDENTIFIER "The user ID is not valid: use 1 to 32 letters, digits, '_' or '-'.";
    7004 SDK_COMM_FILE_NOT_FOUND "The file is not there; check the path.";
    7005 SDK_COMM_FILE_TOO_LARGE "The file is too big: 28 MB for images and sounds, 100 MB for videos and other files.";
    7006 SDK_COMM_FILE_SIZE_EMPTY "The file has no content.";
    7007 SDK_COMM_FILE_OPEN_FAILED "The file did not open; it is missing, locked or not readable for this process.";
    7008 SDK_COMM_API_CALL_FREQUENCY_LIMIT "This function is called too often; call it less, or keep its result.";
    7009 SDK_COMM_INTERRUPT "The call was cut short by tim_uninit or another shutdown; nothing more will come of it.";
    7010 SDK_COMM_DATABASE_FAILURE "The local database failed; the log tells why.";
    7011 SDK_COMM_DATABASE_NOTFOUND "The local database has no such entry.";
    7012 SDK_INTERNAL_ERROR "Something happened that should not be possible; report it with the log.";
    7013 SDK_INTERFACE_NOT_SUPPORT "The plan that this app id has on the server does not include the feature.";
    7014 SDK_INVALID_OPERATION "The operation is not allowed in this situation.";
    7501 SDK_ACCOUNT_LOGIN_IN_PROCESS "A login is still under way; wait for its callback.";
    7502 SDK_ACCOUNT_LOGOUT_IN_PROCESS "A logout is still under way; wait for its callback.";
    7503 SDK_ACCOUNT_TLS_INIT_FAILED "The ticket module did not start.";
    7504 SDK_ACCOUNT_TLS_NOT_INITIALIZED "The ticket module has not been started.";
    7505 SDK_ACCOUNT_TLS_TRANSPKG_ERROR "The ticket module got a packet it cannot read.";
    7506 SDK_ACCOUNT_TLS_DECRYPT_FAILED "The ticket module could not decrypt an answer; log in again.";
    7507 SDK_ACCOUNT_TLS_REQUEST_FAILED "The ticket module's request failed; retry.";
    7508 SDK_ACCOUNT_TLS_REQUEST_TIMEOUT "The ticket module's request got no answer in time; retry.";

    // 8000-8999: messages, signalling, groups.
    8001 SDK_MSG_BODY_SIZE_LIMIT "The message is over the limit of 12 KB for all its elements together; send long content as a file.";
    8002 SDK_MSG_KEY_REQ_DIFFER_RSP "The answer belongs to another message than the one asked about.";
    8003 SDK_IMAGE_CONVERT_ERROR "The server could not convert the image.";
    8004 SDK_IMAGE_CI_BLOCK "Moderation held back the preview of the image.";
    8005 MERGER_MSG_LAYERS_OVER_LIMIT "Merged messages are packed into one another more than 100 levels deep.";
    8006 SDK_MSG_MODIFY_CONFLICT "Someone changed the message before you; take the newer one and change that.";
    8010 SDK_SIGNALING_INVALID_INVITE_ID "The invitation is unknown, or it was answered, cancelled or timed out before.";
    8011 SDK_SIGNALING_NO_PERMISSION "You may not do this to the invitation; only its inviter cancels and only its invitees answer.";
    8020 SDK_INVALID_CANCEL_MESSAGE "There is nothing left to cancel: the message is unknown or has gone out.";
    8021 SDK_SEND_MESSAGE_FAILED_WITH_CANCEL "The message was not sent because the app cancelled it.";
    8501 SDK_GROUP_INVALID_ID "The group ID is not valid: use 1 to 48 bytes of printable ASCII that do not start with @TGS#.";
    8502 SDK_GROUP_INVALID_NAME "The group name is not valid: use at most 30 bytes of UTF-8.";
    8503 SDK_GROUP_INVALID_INTRODUCTION "The introduction is not valid: use at most 240 bytes of UTF-8.";
    8504 SDK_GROUP_INVALID_NOTIFICATION "The announcement is not valid: use at most 300 bytes of UTF-8.";
    8505 SDK_GROUP_INVALID_FACE_URL "The URL of the group picture is not valid: use at most 100 bytes.";
    8506 SDK_GROUP_INVALID_NAME_CARD "The name card is not valid: use at most 50 bytes of UTF-8.";
    8507 SDK_GROUP_MEMBER_COUNT_LIMIT "The group would have more members than its type allows; use a larger type.";
    8508 SDK_GROUP_JOIN_PRIVATE_GROUP_DENY "Work (private) groups take no join requests; let a member invite the user.";
    8509 SDK_GROUP_INVITE_SUPER_DENY "An invitation cannot hand out the owner's role; change the owner afterwards.";
    8510 SDK_GROUP_INVITE_NO_MEMBER "The invitation names nobody; give at least one user ID.";
    8511 SDK_GROUP_ATTR_FREQUENCY_LIMIT "Group attributes are read or written too often; gather changes and wait some seconds.";
    8512 SDK_GROUP_GET_ONLINE_MEMBER_COUNT_LIMIT "The online count of a group is given once a minute; keep the last answer.";
    8513 SDK_GROUP_GET_GROUPS_INFO_LIMIT "Group profiles are given once a second; ask for several groups in one call.";
    8514 SDK_GROUP_GET_JOINED_GROUP_LIMIT "The list of joined groups is given once a second; keep it and follow the events.";

    // 9000-9499: friends.
    9001 SDK_FRIENDSHIP_INVALID_PROFILE_KEY "The profile field is not valid: custom names have up to 8 letters, values up to 500 bytes.";
    9002 SDK_FRIENDSHIP_INVALID_ADD_REMARK "The friend remark is not valid: use at most 96 bytes of UTF-8.";
    9003 SDK_FRIENDSHIP_INVALID_ADD_WORDING "The greeting of the friend request is not valid: use at most 120 bytes of UTF-8.";
    9004 SDK_FRIENDSHIP_INVALID_ADD_SOURCE "The source of the friend request is not valid: begin it with AddSource_Type_.";
    9005 SDK_FRIENDSHIP_FRIEND_GROUP_EMPTY "The friend group is not valid: name it with 1 to 30 bytes of UTF-8.";
    9006 SDK_FRIENDSHIP_EXCEED_THE_LIMIT "The limit on friends, requests or groups has been reached.";

    // 9500-9999: the network.
    9501 SDK_NET_ENCODE_FAILED "A packet could not be encrypted; reconnect.";
    9502 SDK_NET_DECODE_FAILED "A packet could not be decrypted; reconnect.";
    9503 SDK_NET_AUTH_INVALID "The link has no login yet; wait for the login callback.";
    9504 SDK_NET_COMPRESS_FAILED "A packet could not be compressed.";
    9505 SDK_NET_UNCOMPRESS_FAILED "A packet could not be unpacked after compression.";
    9506 SDK_NET_FREQ_LIMIT "Requests go out too fast, the limit being 5 a second; spread them.";
    9507 SDK_NET_REQ_COUNT_LIMIT "1000 requests are waiting already; let some finish.";
    9508 SDK_NET_DISCONNECT "There is no connection to the server; check the network, libtim keeps trying.";
    9509 SDK_NET_ALLREADY_CONN "The connection is up already.";
    9510 SDK_NET_CONN_TIMEOUT "The server did not take the connection in time; check address, port and firewall.";
    9511 SDK_NET_CONN_REFUSE "The server's machine refused the connection; check that the server runs on this port.";
    9512 SDK_NET_NET_UNREACH "There is no way to the server's network; check the device's own connection.";
    9513 SDK_NET_SOCKET_NO_BUFF "The system has no buffer space left for sockets; close some connections.";
    9514 SDK_NET_RESET_BY_PEER "The server cut the connection; libtim reconnects by itself.";
    9515 SDK_NET_SOCKET_INVALID "The socket is not usable any more.";
    9516 SDK_NET_HOST_GETADDRINFO_FAILED "The server's name has no address; check the URL and the DNS.";
    9517 SDK_NET_CONNECT_RESET "The connection broke on its way; libtim reconnects by itself.";
    9518 SDK_NET_WAIT_INQUEUE_TIMEOUT "The request waited too long for a place in the send queue; retry.";
    9519 SDK_NET_WAIT_SEND_TIMEOUT "The request waited too long in the send queue and never left; retry.";
    9520 SDK_NET_WAIT_ACK_TIMEOUT "The request left, but the server was silent; it may have been carried out.";
    9521 SDK_NET_WAIT_SEND_REMAINING_TIMEOUT "Only a part of the request left before time ran out; it may have to be repeated.";
    9522 SDK_NET_PKG_SIZE_LIMIT "The request is over 1 MB; send less at a time.";
    9523 SDK_NET_WAIT_SEND_TIMEOUT_NO_NETWORK "There is no network, and the request never left; retry when the link is back.";
    9524 SDK_NET_WAIT_ACK_TIMEOUT_NO_NETWORK "The network went away after the request left; it may have been carried out.";
    9525 SDK_NET_SEND_REMAINING_TIMEOUT_NO_NETWORK "The network went away while the request was leaving; repeat it when the link is back.";

    // 10000-19999: the group service.
    10002 SVR_GROUP_INTERNAL_ERROR "The group service hit an error of its own; retry.";
    10003 SVR_GROUP_API_NAME_ERROR "The group service has no operation of this name; check the spelling or the server's version.";
    10004 SVR_GROUP_INVALID_PARAMETERS "A parameter of the group call is wrong; the description says which.";
    10005 SVR_GROUP_ACOUNT_COUNT_LIMIT "The group call names too many users; split it up.";
    10006 SVR_GROUP_FREQ_LIMIT "Group calls come too fast; slow down.";
    10007 SVR_GROUP_PERMISSION_DENY "Your role or the group's type does not allow this.";
    10008 SVR_GROUP_INVALID_REQ "The group request is not valid, or its signature is not.";
    10009 SVR_GROUP_SUPER_NOT_ALLOW_QUIT "The owner cannot leave this group; hand it over or dissolve it.";
    10010 SVR_GROUP_NOT_FOUND "There is no such group (any more).";
    10011 SVR_GROUP_JSON_PARSE_FAILED "The group service could not read the JSON of the request.";
    10012 SVR_GROUP_INVALID_ID "The user ID of the one who acts is not valid.";
    10013 SVR_GROUP_ALLREADY_MEMBER "The user is in the group already.";
    10014 SVR_GROUP_FULL_MEMBER_COUNT "The group has no room for another member.";
    10015 SVR_GROUP_INVALID_GROUPID "The group ID is not valid.";
    10016 SVR_GROUP_REJECT_FROM_THIRDPARTY "The app's own webhook turned this down.";
    10017 SVR_GROUP_SHUTUP_DENY "You cannot write here until your mute in this group ends.";
    10018 SVR_GROUP_RSP_SIZE_LIMIT "The answer would be over 1 MB; ask for fewer items or fields.";
    10019 SVR_GROUP_ACCOUNT_NOT_FOUND "One of the users does not exist on the server.";
    10021 SVR_GROUP_GROUPID_IN_USED "Another group has this ID; choose a different one.";
    10023 SVR_GROUP_SEND_MSG_FREQ_LIMIT "Messages reach this group too fast; slow down or lower the priority of unimportant ones.";
    10024 SVR_GROUP_REQ_ALLREADY_BEEN_PROCESSED "Somebody has dealt with this request already.";
    10025 SVR_GROUP_GROUPID_IN_USED_FOR_SUPER "You own a group with this ID already; use that one.";
    10026 SVR_GROUP_SDKAPPID_DENY "The app id is not allowed to use this group command.";
    10030 SVR_GROUP_REVOKE_MSG_NOT_FOUND "The message to recall was not found.";
    10031 SVR_GROUP_REVOKE_MSG_TIME_LIMIT "The time for recalling this message is over, 2 minutes unless the server says otherwise.";
    10032 SVR_GROUP_REVOKE_MSG_DENY "The message is of a kind that is never taken back.";
    10033 SVR_GROUP_NOT_ALLOW_REVOKE_MSG "Groups of this type have no recall.";
    10034 SVR_GROUP_REMOVE_MSG_DENY "The message is of a kind that is never deleted.";
    10035 SVR_GROUP_NOT_ALLOW_REMOVE_MSG "Live rooms and broadcast groups do not delete messages.";
    10036 SVR_GROUP_AVCHATROOM_COUNT_LIMIT "The app has as many live rooms as it may.";
    10037 SVR_GROUP_COUNT_LIMIT "The user has joined or created as many groups as allowed; leave one first.";
    10038 SVR_GROUP_MEMBER_COUNT_LIMIT "The group would have more members than allowed.";
    10049 SVR_GROUP_ATTRIBUTE_FREQ_LIMIT "Group attributes are written more than 5 times a second; gather the changes.";
    10056 SVR_GROUP_ATTRIBUTE_WRITE_CONFILCT "Another writer changed the group attributes in between; read them, then write again.";
    10070 SVR_GROUP_PINNED_MESSAGE_COUNT_LIMIT "The group has as many pinned messages as it may; unpin one first.";
    10071 SVR_GROUP_MESSAGE_ALREADY_PINNED "The message is pinned already.";

    // 20000-29999: the message service.
    20001 SVR_MSG_PKG_PARSE_FAILED "The message request is not valid; make sure that sender and receiver exist.";
    20002 SVR_MSG_INTERNAL_AUTH_FAILED "The message service did not accept the session; log in again.";
    20003 SVR_MSG_INVALID_ID "A user ID is not valid or unknown to the server.";
    20004 SVR_MSG_NET_ERROR "The message service lost its own network; retry.";
    20005 SVR_MSG_INTERNAL_ERROR1 "The message service hit an error of its own; retry.";
    20006 SVR_MSG_PUSH_DENY "The app's own webhook turned the message down.";
    20007 SVR_MSG_IN_PEER_BLACKLIST "The receiver blocks messages from the sender.";
    20009 SVR_MSG_BOTH_NOT_FRIEND "The two users are no friends, and this server delivers among friends only.";
    20010 SVR_MSG_NOT_PEER_FRIEND "The receiver does not have the sender as a friend, which this server demands.";
    20011 SVR_MSG_NOT_SELF_FRIEND "The sender does not have the receiver as a friend, which this server demands.";
    20012 SVR_MSG_SHUTUP_DENY "You cannot write until your mute ends.";
    20016 SVR_MSG_REVOKE_TIME_LIMIT "This message is too old to be recalled; 2 minutes are the default.";
    20018 SVR_MSG_DEL_RAMBLE_INTERNAL_ERROR "The stored history could not be deleted; retry.";
    23001 SVR_MSG_EXTENSION_CONFLICT "Another writer changed the message extension in between; read it, then write again.";
    23004 SVR_MSG_EXTENSION_NOT_EXIST "The message has no such extension.";
    23005 SVR_MSG_REACTION_COUNT_LIMIT "The message has as many different reactions as it may.";
    23006 SVR_MSG_REACTION_USER_COUNT_LIMIT "As many users as allowed have used this reaction on the message.";
    23007 SVR_MSG_REACTION_ALREADY_CONTAIN_USER "You have used this reaction on the message already.";
    23008 SVR_MSG_REACTION_NOT_EXISTS "Nobody has used this reaction on the message.";
    23009 SVR_MSG_REACTION_NOT_CONTAIN_USER "You have not used this reaction, so there is nothing to take back.";

    // 30000-39999: the friend service.
    30001 SVR_FRIENDSHIP_INVALID_PARAMETERS "A parameter of the friend call is wrong; the description says which.";
    30002 SVR_FRIENDSHIP_INVALID_SDKAPPID "The app id in the friend call is not that of the session.";
    30003 SVR_FRIENDSHIP_ACCOUNT_NOT_FOUND "A user named in the friend call does not exist on the server.";
    30004 SVR_FRIENDSHIP_ADMIN_REQUIRED "Only an administrator of the app may do this.";
    30005 SVR_FRIENDSHIP_SENSITIVE_TEXT "A field of the friend call contains words that the filter refuses.";
    30006 SVR_FRIENDSHIP_INTERNAL_ERROR "The friend service hit an error of its own; retry.";
    30007 SVR_FRIENDSHIP_NET_TIMEOUT "The friend service timed out; retry.";
    30008 SVR_FRIENDSHIP_WRITE_CONFLICT "Several writes to the friend list met; put them into one batch call.";
    30009 SVR_FRIENDSHIP_ADD_FRIEND_DENY "The user is not allowed to send friend requests.";
    30010 SVR_FRIENDSHIP_COUNT_LIMIT "Your friend list is full; remove somebody first.";
    30011 SVR_FRIENDSHIP_GROUP_COUNT_LIMIT "There are as many friend groups as allowed.";
    30012 SVR_FRIENDSHIP_PENDENCY_LIMIT "There are as many open friend requests as allowed; answer or delete some.";
    30013 SVR_FRIENDSHIP_BLACKLIST_LIMIT "There is no room on the blocklist; unblock somebody first.";
    30014 SVR_FRIENDSHIP_PEER_FRIEND_LIMIT "The other user has as many friends as allowed.";
    30015 SVR_FRIENDSHIP_ALREADY_FRIENDS "The two users are friends already.";
    30515 SVR_FRIENDSHIP_IN_SELF_BLACKLIST "You block this user; unblock before adding.";
    30516 SVR_FRIENDSHIP_ALLOW_TYPE_DENY_ANY "This user lets nobody add them.";
    30525 SVR_FRIENDSHIP_IN_PEER_BLACKLIST "This user blocks you.";
    30539 SVR_FRIENDSHIP_ALLOW_TYPE_NEED_CONFIRM "No failure: the request is on its way and the other user has to agree.";
    30540 SVR_FRIENDSHIP_ADD_FRIEND_SEC_RSTR "Friend requests are held back for safety reasons; try later.";
    30614 SVR_FRIENDSHIP_PENDENCY_NOT_FOUND "There is no such friend request (any more).";
    31704 SVR_FRIENDSHIP_DEL_NONFRIEND "The users are no friends, so there is nothing to delete.";
    31707 SVR_FRIENDSHIP_DEL_FRIEND_SEC_RSTR "Deleting friends is held back for safety reasons; try later.";
    31804 SVR_FRIENDSHIP_ACCOUNT_NOT_FOUND_EX "One of the users does not exist on the server (second number).";
    32100 SVR_FRIENDSHIP_SELF_FOLLOWING_COUNT_EXCEEDS_LIMIT "You follow as many users as allowed.";
    32101 SVR_FRIENDSHIP_PEER_FOLLOWERS_COUNT_EXCEEDS_LIMIT "The other user has as many followers as allowed.";
    32102 SVR_FRIENDSHIP_SELF_MUTUAL_FOLLOWERS_COUNT_EXCEEDS_LIMIT "You have as many mutual follows as allowed.";
    32103 SVR_FRIENDSHIP_PEER_MUTUAL_FOLLOWERS_COUNT_EXCEEDS_LIMIT "The other user has as many mutual follows as allowed.";

    // 40000-49999: the profile service.
    40001 SVR_PROFILE_INVALID_PARAMETERS "A parameter of the profile call is wrong; the description says which.";
    40002 SVR_PROFILE_ACCOUNT_MISS "The profile call names no user.";
    40003 SVR_PROFILE_ACCOUNT_NOT_FOUND "The user whose profile is meant does not exist.";
    40004 SVR_PROFILE_ADMIN_REQUIRED "Only an administrator of the app may touch this profile.";
    40005 SVR_PROFILE_SENSITIVE_TEXT "A profile field contains words that the filter refuses.";
    40006 SVR_PROFILE_INTERNAL_ERROR "The profile service hit an error of its own; retry.";
    40007 SVR_PROFILE_READ_PERMISSION_REQUIRED "You may not read this profile field.";
    40008 SVR_PROFILE_WRITE_PERMISSION_REQUIRED "You may not write this profile field.";
    40009 SVR_PROFILE_TAG_NOT_FOUND "There is no such profile field; custom fields must be set up on the server first.";
    40601 SVR_PROFILE_SIZE_LIMIT "The value of a profile field is over 500 bytes; shorten it.";
    40605 SVR_PROFILE_VALUE_ERROR "A standard profile field does not take this value.";
    40610 SVR_PROFILE_INVALID_VALUE_FORMAT "The value of the profile field is of the wrong type.";

    // 50000-59999: the conversation service.
    50001 SVR_CONV_ACCOUNT_NOT_FOUND "The user whose conversations are meant does not exist.";
    50002 SVR_CONV_INVALID_PARAMETERS "A parameter of the conversation call is wrong; the description says which.";
    50003 SVR_CONV_ADMIN_REQUIRED "Only an administrator of the app may touch these conversations.";
    50004 SVR_CONV_INTERNAL_ERROR "The conversation service hit an error of its own; retry.";
    50005 SVR_CONV_NET_TIMEOUT "The conversation service timed out; retry.";
    51006 SVR_CONV_CONV_MARK_REQ_COUNT_EXCEED_LIMIT "One call handles at most 100 conversations; split the list.";
    51007 SVR_CONV_CONV_MARK_OPERATE_FAILED "The group of a conversation could not be looked up; it may be dissolved, else retry.";
    51008 SVR_CONV_CONV_MARK_TOTAL_COUNT_EXCEED_LIMIT "Over 1000 conversations would carry marks, groups or custom data; clear some first.";
    51009 SVR_CONV_CONV_GROUP_NOT_EXIST "There is no conversation group of this name.";
    51010 SVR_CONV_CONV_GROUP_TOTAL_COUNT_EXCEED_LIMIT "There are 20 conversation groups already; delete one first.";
    51011 SVR_CONV_CONV_GROUP_NAME_EXCEED_LENGTH "The name of a conversation group has at most 32 bytes; shorten it.";
    51012 SVR_CONV_CONV_PIN_COUNT_EXCEED_LIMIT "50 conversations are pinned already; unpin one first.";

    // 60000-69999: the server interface (REST).
    60002 SVR_COMM_INVALID_HTTP_URL "The HTTP URL of the request is not valid.";
    60003 SVR_COMM_REQ_JSON_PARSE_FAILED "The server could not read the JSON of the request body.";
    60004 SVR_COMM_INVALID_ACCOUNT "The user ID or the user sig of the request is wrong.";
    60005 SVR_COMM_INVALID_ACCOUNT_EX "The user ID or the user sig of the request is wrong (second number).";
    60006 SVR_COMM_INVALID_SDKAPPID "There is no such app id on this server; check the configured number.";
    60007 SVR_COMM_REST_FREQ_LIMIT "This server command is called too fast; slow down.";
    60008 SVR_COMM_REQUEST_TIMEOUT "The request took too long or is not proper HTTP; retry.";
    60009 SVR_COMM_INVALID_RES "The server has no such resource; check the path.";
    60010 SVR_COMM_ID_NOT_ADMIN "The server interface wants an administrator's account.";
    60011 SVR_COMM_SDKAPPID_FREQ_LIMIT "The app as a whole calls the server interface too fast.";
    60012 SVR_COMM_SDKAPPID_MISS "The request lacks the app id.";
    60013 SVR_COMM_RSP_JSON_PARSE_FAILED "The server could not read the JSON of an inner answer; retry.";
    60014 SVR_COMM_EXCHANGE_ACCOUNT_TIMEUT "Exchanging the account took too long; retry.";
    60015 SVR_COMM_INVALID_ID_FORMAT "User IDs in the request body have to be strings.";
    60016 SVR_COMM_SDKAPPID_FORBIDDEN "The app id is switched off on this server.";
    60017 SVR_COMM_REQ_FORBIDDEN "This request is switched off on this server.";
    60018 SVR_COMM_REQ_FREQ_LIMIT "Too many requests at once; slow down.";
    60019 SVR_COMM_REQ_FREQ_LIMIT_EX "Too many requests at once; slow down (second number).";
    60020 SVR_COMM_INVALID_SERVICE "The service is not switched on for this app id; a fresh change may need some minutes.";

    // 70000-79999: accounts and tickets.
    70001 SVR_ACCOUNT_USERSIG_EXPIRED "The server finds the user sig too old; make a new one, with a longer life if this recurs.";
    70002 SVR_ACCOUNT_USERSIG_EMPTY "No user sig was given; fetch one from your server.";
    70003 SVR_ACCOUNT_USERSIG_CHECK_FAILED "The user sig cannot be read; check that it arrived whole.";
    70005 SVR_ACCOUNT_USERSIG_CHECK_FAILED_EX "The user sig cannot be read (second number).";
    70009 SVR_ACCOUNT_USERSIG_MISMATCH_PUBLICKEY "The user sig was made with another key than this app id has; check the secret on your server.";
    70013 SVR_ACCOUNT_USERSIG_MISMATCH_ID "The user sig was made for another user ID.";
    70014 SVR_ACCOUNT_USERSIG_MISMATCH_SDKAPPID "The user sig was made for another app id.";
    70016 SVR_ACCOUNT_USERSIG_PUBLICKEY_NOT_FOUND "The server has no key to check the user sig with; set one up for the app id.";
    70020 SVR_ACCOUNT_SDKAPPID_NOT_FOUND "The server does not know this app id.";
    70050 SVR_ACCOUNT_FREQ_LIMIT "There were too many failed attempts; wait a minute before the next one.";
    70051 SVR_ACCOUNT_BLACKLIST "The server's operator has blocked this account.";
    70052 SVR_ACCOUNT_INVALID_USERSIG "The user sig is not good any more; fetch a new one and log in again.";
    70101 LOGIN_SIG_EXPIRE "Old: the login ticket has run out.";
    70107 SVR_ACCOUNT_NOT_FOUND "The server has no such account; import it, or check the user ID.";
    70114 SVR_ACCOUNT_SEC_RSTR "The account may do less for safety reasons.";
    70169 SVR_ACCOUNT_INTERNAL_TIMEOUT "The account service timed out; retry.";
    70206 SVR_ACCOUNT_INVALID_COUNT "The batch has no items or more than it may; change its size.";
    70398 SVR_ACCOUNT_COUNT_LIMIT "The app has as many accounts as its plan allows.";
    70402 SVR_ACCOUNT_INVALID_PARAMETERS "A parameter of the account call is wrong; the description says which.";
    70403 SVR_ACCOUNT_ADMIN_REQUIRED "Only an administrator of the app may touch accounts.";
    70500 SVR_ACCOUNT_INTERNAL_ERROR "The account service hit an error of its own; retry.";
    72001 SVR_ACCOUNT_USER_STATUS_DISABLED "The server has user status switched off; have it switched on.";
    72012 SVR_PROFILE_SUBSCRIPTION_DISABLED "The server has profile subscriptions switched off; have them switched on.";

    // 80000-89999: what moderation and size limits refuse.
    80001 SVR_COMM_SENSITIVE_TEXT "Moderation refused the text.";
    80002 SVR_COMM_BODY_SIZE_LIMIT "The server refuses message bodies over 12 KB; shorten it or send a file.";
    80004 SVR_COMM_SENSITIVE_IMAGE "Moderation refused the image.";
    80101 REQ_CONTENT_ATTACK "Old: moderation refused the content.";

    // 90000-99999: the message service again.
    90001 SVR_MSG_JSON_PARSE_FAILED "The server could not read the JSON of the message request.";
    90002 SVR_MSG_INVALID_JSON_BODY_FORMAT "MsgBody is not an array of elements in the right form.";
    90003 SVR_MSG_INVALID_TO_ACCOUNT "To_Account is missing or is no string.";
    90005 SVR_MSG_INVALID_RAND "MsgRandom is missing or is no whole number.";
    90006 SVR_MSG_INVALID_TIMESTAMP "MsgTimeStamp is missing or is no whole number.";
    90007 SVR_MSG_BODY_NOT_ARRAY "MsgBody has to be an array; put even a single element into one.";
    90009 SVR_MSG_ADMIN_REQUIRED "Only an administrator of the app may send this way.";
    90010 SVR_MSG_INVALID_JSON_FORMAT "The request breaks the format of messages; compare it with the manual.";
    90011 SVR_MSG_TO_ACCOUNT_COUNT_LIMIT "A batch reaches at most 500 receivers; split it.";
    90012 SVR_MSG_TO_ACCOUNT_NOT_FOUND "A receiver in To_Account does not exist on the server.";
    90026 SVR_MSG_TIME_LIMIT "The offline storage time is wrong; give at most 7 days in seconds.";
    90031 SVR_MSG_INVALID_SYNCOTHERMACHINE "SyncOtherMachine has to be a whole number.";
    90044 SVR_MSG_INVALID_MSGLIFETIME "MsgLifeTime has to be a whole number.";
    90048 SVR_MSG_ACCOUNT_NOT_FOUND "The account that the message names does not exist.";
    90101 SDK_HAD_INITIALIZED "Old: the library is running already.";
    90992 SVR_MSG_INTERNAL_ERROR5 "The message service or the app's webhook server failed; retry, then look at the webhook.";
    90994 SVR_MSG_INTERNAL_ERROR2 "The message service hit an error of its own (second number); retry.";
    90995 SVR_MSG_INTERNAL_ERROR3 "The message service hit an error of its own (third number); retry.";
    91000 SVR_MSG_INTERNAL_ERROR4 "The message service hit an error of its own (fourth number); retry.";
    91101 SVR_MSG_LONGPOLLING_COUNT_LIMIT "A newer web page of this account took over the long polling; close the spare pages.";
    93000 SVR_MSG_BODY_SIZE_LIMIT "The JSON of the message is over 12 KB; shorten it or send a file.";

    // 110000-119999: files.
    114000 SVR_RES_NOT_FOUND "The file to send is not there.";
    114001 SVR_RES_ACCESS_DENY "This process may not read the file to send.";
    114002 SVR_RES_SIZE_LIMIT "The file is larger than the server takes.";
    114003 SVR_RES_SEND_CANCEL "The transfer was called off, by the user or by a logout.";
    114004 SVR_RES_READ_FAILED "Reading the file to send failed.";
    114005 SVR_RES_TRANSFER_TIMEOUT "The transfer took too long; check the network and retry.";
    114011 SVR_RES_INVALID_PARAMETERS "A parameter of the file transfer is wrong.";
    115000 OPENBDH_BASE "Old: the number from which the codes of the upload module count.";
    115066 SVR_RES_INVALID_FILE_MD5 "The checksum of the file does not fit; it may have changed meanwhile, so send it again.";
    115068 SVR_RES_INVALID_PART_MD5 "The checksum of a part does not fit; send the file again.";
}

/// First of the numbers that an app's own webhook may refuse a one-to-one message with; the app
/// decides what they mean, so they have no names.
pub const MSG_WEBHOOK_FIRST: i32 = 120001;

/// Last of the numbers left to the webhook.
pub const MSG_WEBHOOK_LAST: i32 = 130000;

/// The C constant of a code, none for a number that is not in the table.
pub fn name(code: i32) -> Option<&'static str> {
    find(code).map(|c| c.name)
}

/// What a code means, none for a number that nothing is known about.
pub fn text(code: i32) -> Option<&'static str> {
    match code {
        MSG_WEBHOOK_FIRST..=MSG_WEBHOOK_LAST => {
            Some("The app's own webhook turned the message down with a number of its choice.")
        }
        _ => find(code).map(|c| c.text),
    }
}

fn find(code: i32) -> Option<&'static Code> {
    let at = TABLE.binary_search_by_key(&code, |c| c.number).ok()?;
    TABLE.get(at)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_rise_and_never_repeat() {
        for pair in TABLE.windows(2) {
            assert!(
                pair[0].number < pair[1].number,
                "{} stands before {}",
                pair[0].name,
                pair[1].name
            );
        }
    }

    #[test]
    fn names_and_texts_are_unique_and_well_formed() {
        let (mut names, mut texts) = (HashSet::new(), HashSet::new());
        for c in TABLE {
            assert!(names.insert(c.name), "{} twice", c.name);
            assert!(texts.insert(c.text), "{}: text of another code", c.name);
            let tail = c.name.strip_prefix("TIM_ERR_").unwrap().as_bytes();
            let plain = |b: &u8| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_');
            assert!(tail.iter().all(plain), "{}", c.name);
            assert!(c.text.ends_with('.'), "{}", c.name);
            assert!(c.text.len() <= 120, "{}", c.name);
        }
    }

    #[test]
    fn every_code_is_found_by_its_number() {
        for c in TABLE {
            assert_eq!(name(c.number), Some(c.name));
            assert_eq!(text(c.number), Some(c.text));
        }
        assert_eq!(name(-20009), Some("TIM_ERR_SVR_SSO_FREQUENCY_LIMIT"));
        assert_eq!(name(SUCC), Some("TIM_ERR_SUCC"));
        for unknown in [i32::MIN, -1, 1, 4999, 5199, i32::MAX] {
            assert_eq!(name(unknown), None);
            assert_eq!(text(unknown), None);
        }
    }

    #[test]
    fn the_webhooks_range_has_a_text_and_no_names() {
        for code in [MSG_WEBHOOK_FIRST, 125_000, MSG_WEBHOOK_LAST] {
            assert_eq!(name(code), None);
            assert!(text(code).is_some());
        }
        let range = MSG_WEBHOOK_FIRST..=MSG_WEBHOOK_LAST;
        assert!(!TABLE.iter().any(|c| range.contains(&c.number)));
    }
}
