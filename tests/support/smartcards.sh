# For scripts: the real pcscd and its virtual reader (vpcd), with emulated PIV cards in it. Source it
# after (or instead of) world.sh. Functions that give something set `reply`.
#
# pcscd listens at a fixed path and vpcd on all interfaces, so they live in mount, network and process
# namespaces of their own: no reader of this machine is in reach there, nor is the machine's pcscd or
# anybody's network, and all that was started ends with the script.
# shellcheck shell=bash

vpcd_driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so

# have_smartcards: whether it can be had here; says what is missing when not.
have_smartcards() {
  local tool
  for tool in pcscd unshare; do
    command -v "$tool" >/dev/null || { echo "no $tool"; return 1; }
  done
  [ -e "$vpcd_driver" ] || { echo "no vpcd (package vsmartcard-vpcd)"; return 1; }
  /sbin/ldconfig -p | grep 'libykpiv\.so\.2' >/dev/null || { echo "no libykpiv2"; return 1; }
  enter_namespaces true 2>/dev/null || { echo "namespaces are not allowed here"; return 1; }
}

# enter_namespaces COMMAND...: runs it in the namespaces; as root of a user namespace where the caller
# is not root.
enter_namespaces() {
  local user=()
  [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
  unshare "${user[@]}" --mount --net --pid --fork --kill-child --mount-proc "$@"
}

# in_smartcard_world "$0" "$@": the script goes on in the namespaces, where nothing of the machine's
# smart cards can be reached; comes back there at once.
in_smartcard_world() {
  if [ -n "${TOUCHSTONE_SMARTCARD_WORLD:-}" ]; then
    hide_devices
    return
  fi
  TOUCHSTONE_SMARTCARD_WORLD=1 enter_namespaces "$@"
  exit
}

# No service of the machine's, no driver for readers on USB, and no USB.
hide_devices() {
  unset PCSCLITE_CSOCK_NAME
  ip link set lo up 2>/dev/null || ifconfig lo up
  mount -t tmpfs none /run
  [ ! -d /usr/lib/pcsc/drivers/ifd-ccid.bundle ] || mount -t tmpfs none /usr/lib/pcsc/drivers/ifd-ccid.bundle
  [ ! -d /dev/bus/usb ] || mount -t tmpfs none /dev/bus/usb
}

# start_pcscd FOLDER: the daemon with two virtual readers, its files in FOLDER.
start_pcscd() {
  local folder=$1 tries
  mkdir -p /run/pcscd
  mkdir -p "$folder/readers"
  cat >"$folder/readers/vpcd" <<READERS
FRIENDLYNAME "Yubico YubiKey OTP+FIDO+CCID"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      $vpcd_driver
CHANNELID    0x8C7B
READERS
  pcscd --foreground --config "$folder/readers" >"$folder/pcscd.log" 2>&1 </dev/null &
  pcscd_process=$!
  world_children+=("$pcscd_process")
  for ((tries = 0; tries < 100; ++tries)); do
    [ ! -S /run/pcscd/pcscd.comm ] || return 0
    sleep 0.05
  done
  cat "$folder/pcscd.log" >&2
  return 1
}

# start_card PROGRAM FOLDER READER [CONTROL-LINE...]: a card in reader 0 or 1; comes back once pcscd
# has seen it. Its log is FOLDER/cardREADER.log.
start_card() {
  local program=$1 folder=$2 reader=$3
  shift 3
  mkfifo "$folder/card$reader.control"
  "$program" --port $((35963 + reader)) --log "$folder/card$reader.log" \
    --control "$folder/card$reader.control" "$@" </dev/null &
  reply=$!
  world_children+=("$reply")
  wait_for_card "$folder" "$reader"
}

# wait_for_card FOLDER READER: until the reader switched the card on, after it was last put in.
wait_for_card() {
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    [ "$(grep -sE '^(inserted|power-on)$' "$1/card$2.log" | tail -1)" != power-on ] || return 0
    sleep 0.05
  done
  echo "the reader does not see card $2; the card's log says:" >&2
  tail -20 "$1/card$2.log" >&2
  return 1
}

# insert_card FOLDER READER: puts a card back that was removed, once the reader knows that it is gone.
insert_card() {
  sleep 1
  control_card "$1" "$2" insert
  wait_for_card "$1" "$2"
}

# control_card FOLDER READER LINE: see piv_card/card.h; comes back once the card obeyed.
control_card() {
  local before tries
  before=$(grep -cE '^(ok|bad) ' "$1/card$2.log") || true
  echo "$3" >"$1/card$2.control"
  for ((tries = 0; tries < 400; ++tries)); do
    reply=$(grep -E '^(ok|bad) ' "$1/card$2.log" | sed -n "$((before + 1))p")
    case $reply in
      ok*) return 0 ;;
      bad*) echo "the card does not understand \"$3\"" >&2; return 1 ;;
    esac
    sleep 0.05
  done
  echo "the card does not answer" >&2
  return 1
}

# The commands card N got since the last `forget N`, by name; `world` is the folder of all.
declare -A seen=([0]=0 [1]=0)
commands() {
  sed -n "$((seen[$1] + 1)),\$p" "$world/card$1.log" | grep -vE '^(ok|bad) ' | sed 's/ .*//' | tr '\n' ' '
}
forget() { seen[$1]=$(wc -l <"$world/card$1.log"); }
# Those of them that a program sent: pcscd itself powers a card off that it has not used for some seconds.
asked() { commands "$1" | tr ' ' '\n' | grep -vE '^(power-off)?$' | tr '\n' ' '; }
count() { commands "$1" | tr ' ' '\n' | grep -c "^$2\$" || true; }
