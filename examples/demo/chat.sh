#!/usr/bin/env bash
# A server that stays, and chats with it, for `make serve`, `make chat-c` and `make chat-py`.
#
#   chat.sh serve TIMD
#   chat.sh chat TIMD LIBRARY ME PEER PROGRAM [ARGUMENT...]
#
# A ticket is minted for each chat; databases and logs stay under .build, away from your home.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=.build/serve
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

case "${1:-}" in
serve)
    # What it prints is kept, because it tells the clients where it is.
    "$2" serve --data "$folder/timd" --listen "${LISTEN:-127.0.0.1:8443}" | tee "$folder/printed"
    ;;
chat)
    timd=$2 library=$3 me=$4 peer=$5
    shift 5
    ready=$(grep '^READY ' "$folder/printed" 2>/dev/null) || {
        echo "There is no server yet: run make serve in another terminal." >&2
        exit 1
    }
    field() { sed -E "s/^READY url=(.*) ca=(.*) app_id=(.*)$/\\$1/" <<<"$ready"; }
    TIM_USER_SIG=$("$timd" usersig --user "$me" --data "$folder/timd" --expire 7d)
    TIM_SERVER_URL=$(field 1) TIM_SERVER_CA=$(field 2) TIM_APP_ID=$(field 3)
    export TIM_USER_SIG TIM_SERVER_URL TIM_SERVER_CA TIM_APP_ID
    export TIM_LIBRARY_PATH=$library PYTHONPATH=bindings/python
    export XDG_DATA_HOME=$folder/data XDG_STATE_HOME=$folder/state
    exec "$@" "$me" "$peer"
    ;;
*)
    echo "usage: chat.sh serve TIMD | chat TIMD LIBRARY ME PEER PROGRAM..." >&2
    exit 2
    ;;
esac
