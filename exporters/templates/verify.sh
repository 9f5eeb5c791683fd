#!/usr/bin/env bash
# Controlla un pacchetto di Pista con bash (4 o successiva), coreutils e openssl: niente altro.
#
#   bash verify.sh                            tutto
#   bash verify.sh --trust FILE               anche la firma del registro, con il file di fiducia
#   bash verify.sh --strict-trust ...         senza ancoraggio l'esito è 3 e non 0
#   bash verify.sh registrazione N            una registrazione sola, per esteso
#
# Il file di fiducia non è nel pacchetto: si ottiene dall'ente, da un testimone o dal sito.
# Esito: 0 coerente; 1 qualcosa contraddice (è nominato il primo caso); 2 uso errato;
# 3 coerente ma non ancorato (solo con --strict-trust, o se manca il quorum dei testimoni).
#
# Come funziona. Le foglie, le righe e le prove di coerenza diventano "percorsi": un'impronta di
# partenza, i nodi da unirle a sinistra o a destra, la radice attesa (RFC 6962). I percorsi salgono
# tutti insieme, un livello alla volta: un solo sha256sum a livello. Chi ha rifatto il pacchetto può
# avere rifatto anche questo file: usarne una copia avuta altrove, o seguire VERIFICA.txt a mano.

set -euo pipefail
shopt -s globstar dotglob nullglob
export LC_ALL=C

USAGE='Uso: bash verify.sh [--trust FILE] [--strict-trust] [registrazione N]'
EMPTY_ROOT=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
ES256_B64='[A-Za-z0-9+/]{43}='
trust= strict=no only=

fail() { printf 'FALLITO  passo %s: %s\n' "$1" "$2" >&2; exit 1; }
pass() { printf 'ok       passo %s: %s\n' "$1" "$2"; }
misuse() { printf '%s\n%s\n' "$1" "$USAGE" >&2; exit 2; }

while (($#)); do
  case $1 in
    --trust) [[ ${2-} ]] || misuse 'Dopo --trust serve un file.'; trust=$(realpath -- "$2"); shift 2 ;;
    --strict-trust) strict=yes; shift ;;
    registrazione) [[ ${2-} =~ ^(0|[1-9][0-9]*)$ ]] || misuse 'Dopo registrazione serve un numero.'
      only=$2; shift 2 ;;
    -h | --help) printf '%s\n' "$USAGE"; exit 0 ;;
    *) misuse "Argomento sconosciuto: $1" ;;
  esac
done
[[ ! $trust || -f $trust ]] || misuse "Il file di fiducia $trust non c'è."

for tool in openssl sha256sum base64 od mktemp; do
  command -v "$tool" >/dev/null || misuse "Manca il programma $tool."
done
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
[[ -f bagit.txt ]] || misuse 'Qui non c'\''è un pacchetto: verify.sh va lasciato nella sua cartella.'
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# ---------------------------------------------------------------------------- leggere e scrivere

# read_text FILE: tutto il file in REPLY, fino all'ultimo byte; un byte zero è un errore.
read_text() {
  [[ -f $1 && ! -L $1 ]] || fail "$step" "manca $1"
  if IFS= read -r -d '' REPLY <"$1"; then fail "$step" "$1 contiene un byte zero"; fi
}

# unbase64 TEXT: l'impronta di 32 byte scritta in base64 diventa esadecimale in REPLY.
declare -A SIX=() KNOWN_BASE64=()
alphabet=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/
for ((n = 0; n < 64; n++)); do SIX[${alphabet:n:1}]=$n; done
unbase64() {
  local text=$1 hex= four n value
  REPLY=${KNOWN_BASE64[$text]-}
  [[ ! $REPLY ]] || return 0
  [[ $text =~ ^$ES256_B64$ ]] || fail "$step" "${text:0:60} non è un'impronta in base64"
  for ((n = 0; n < 40; n += 4)); do
    ((value = SIX[${text:n:1}] << 18 | SIX[${text:n+1:1}] << 12 | SIX[${text:n+2:1}] << 6 | SIX[${text:n+3:1}], 1))
    printf -v four '%06x' "$value"
    hex+=$four
  done
  ((value = SIX[${text:40:1}] << 12 | SIX[${text:41:1}] << 6 | SIX[${text:42:1}], 1))
  (((value & 3) == 0)) || fail "$step" "$text non è base64 canonico"
  printf -v four '%04x' $((value >> 2))
  REPLY=$hex$four
  KNOWN_BASE64[$text]=$REPLY
}

# escape HEX: "abcd" diventa "\xab\xcd", che printf scrive come byte, in REPLY.
escape() {
  local hex=$1 n
  REPLY=
  for ((n = 0; n < ${#hex}; n += 2)); do REPLY+="\\x${hex:n:2}"; done
}

# hash_files FOLDER: impronta di ogni file di una cartella, per nome, in HASHES.
declare -A HASHES=()
hash_files() {
  local -a names=("$1"/*)
  local n hex name
  HASHES=()
  for ((n = 0; n < ${#names[@]}; n += 500)); do
    while read -r hex name; do HASHES[${name##*/}]=$hex; done < <(sha256sum -- "${names[@]:n:500}")
  done
}

# hash_prefixed: impronta di foglie e righe, preceduta dal byte 00; NOME=FILE come argomenti.
hash_prefixed() {
  local pair folder=$work/prefixed
  rm -rf -- "$folder"; mkdir -- "$folder"
  for pair; do
    read_text "${pair#*=}"
    printf '\0%s' "$REPLY" >"$folder/${pair%%=*}"
  done
  hash_files "$folder"
}

# from_base64url TEXT: decodifica su stdout.
from_base64url() {
  local text=${1//-/+}
  text=${text//_//}
  case $((${#text} % 4)) in 2) text+='==' ;; 3) text+='=' ;; esac
  base64 -d <<<"$text"
}

# ------------------------------------------------------------------------- percorsi di RFC 6962

JOB_STEP=() JOB_WHAT=() JOB_NODE=() JOB_PATH=() JOB_ROOT=()
declare -A NODES=()

# climb STEP WHAT HASH ROOT [L:HASH | R:HASH]...: mette in fila un percorso.
climb() {
  JOB_STEP+=("$1"); JOB_WHAT+=("$2"); JOB_NODE+=("$3"); JOB_ROOT+=("$4")
  shift 4
  JOB_PATH+=("$*")
}

# inclusion STEP WHAT HASH INDEX SIZE ROOT HASH...: RFC 9162, 2.1.3.2.
inclusion() {
  local step=$1 what=$2 node=$3 fn=$4 sn=$(($5 - 1)) size=$5 root=$6 sibling
  local -a path=()
  shift 6
  ((fn < size)) || fail "$step" "$what: indice fuori dall'albero di $size"
  for sibling; do
    ((sn > 0)) || fail "$step" "$what: la prova ha impronte di troppo"
    if ((fn & 1 || fn == sn)); then
      path+=("L:$sibling")
      while (((fn & 1) == 0 && fn != 0)); do ((fn >>= 1, sn >>= 1, 1)); done
    else
      path+=("R:$sibling")
    fi
    ((fn >>= 1, sn >>= 1, 1))
  done
  ((sn == 0)) || fail "$step" "$what: la prova ha impronte in meno"
  climb "$step" "$what" "$node" "$root" "${path[@]}"
}

# consistency STEP WHAT OLD OLD_ROOT NEW NEW_ROOT HASH...: RFC 9162, 2.1.4.2.
consistency() {
  local step=$1 what=$2 fn=$(($3 - 1)) sn=$(($5 - 1)) old=$3 old_root=$4 new=$5 new_root=$6 sibling first
  local -a old_path=() new_path=()
  shift 6
  ((old > 0 && old < new)) || fail "$step" "$what: $old non è prima di $new"
  if (((old & (old - 1)) == 0)); then set -- "$old_root" "$@"; fi
  (($# > 0)) || fail "$step" "$what: la prova è vuota"
  while ((fn & 1)); do ((fn >>= 1, sn >>= 1, 1)); done
  first=$1
  shift
  for sibling; do
    ((sn > 0)) || fail "$step" "$what: la prova ha impronte di troppo"
    if ((fn & 1 || fn == sn)); then
      old_path+=("L:$sibling")
      new_path+=("L:$sibling")
      while (((fn & 1) == 0 && fn != 0)); do ((fn >>= 1, sn >>= 1, 1)); done
    else
      new_path+=("R:$sibling")
    fi
    ((fn >>= 1, sn >>= 1, 1))
  done
  ((sn == 0)) || fail "$step" "$what: la prova ha impronte in meno"
  climb "$step" "$what (albero di $old)" "$first" "$old_root" "${old_path[@]}"
  climb "$step" "$what (albero di $new)" "$first" "$new_root" "${new_path[@]}"
}

# climb_all: porta ogni percorso alla sua radice, un livello alla volta.
climb_all() {
  local n one rest left right pair folder=$work/nodes
  local -a waiting=("${!JOB_NODE[@]}") going
  while ((${#waiting[@]})); do
    rm -rf -- "$folder"; mkdir -- "$folder"
    local -A asked=()
    going=()
    for n in "${waiting[@]}"; do
      [[ ${JOB_PATH[n]} ]] || continue
      one=${JOB_PATH[n]%% *}
      if [[ $one == L:* ]]; then pair=${one#*:}${JOB_NODE[n]}; else pair=${JOB_NODE[n]}${one#*:}; fi
      going+=("$n")
      JOB_NODE[n]=$pair
      [[ ${NODES[$pair]-} || ${asked[$pair]-} ]] && continue
      asked[$pair]=${#asked[@]}
      escape "01$pair"
      # shellcheck disable=SC2059
      printf "$REPLY" >"$folder/${asked[$pair]}"
    done
    if ((${#asked[@]})); then
      hash_files "$folder"
      for pair in "${!asked[@]}"; do NODES[$pair]=${HASHES[${asked[$pair]}]}; done
    fi
    for n in "${going[@]}"; do
      JOB_NODE[n]=${NODES[${JOB_NODE[n]}]}
      rest=${JOB_PATH[n]#* }
      [[ $rest != "${JOB_PATH[n]}" ]] || rest=
      JOB_PATH[n]=$rest
    done
    waiting=("${going[@]}")
  done
  for n in "${!JOB_NODE[@]}"; do
    [[ ${JOB_NODE[n]} == "${JOB_ROOT[n]}" ]] || fail "${JOB_STEP[n]}" "${JOB_WHAT[n]}: la radice non torna"
  done
}
