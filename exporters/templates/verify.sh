#!/usr/bin/env bash
# Controlla un pacchetto di Pista con bash (4.4 o successiva), coreutils e openssl 3: niente altro.
# Controlla la cartella in cui lo si lancia o, se non è un pacchetto, quella in cui sta.
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

((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || { echo 'Serve bash 4.4 o successiva.' >&2; exit 2; }
set -euo pipefail
shopt -s globstar dotglob nullglob
export LC_ALL=C

USAGE='Uso: bash verify.sh [--trust FILE] [--strict-trust] [registrazione N]'
EMPTY_ROOT=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
HASH_FORM='[A-Za-z0-9+/]{43}='
trust= strict=no only=

fail() { printf 'FALLITO  passo %s: %s\n' "$1" "$2" >&2; exit 1; }
pass() { printf 'ok       passo %s: %s\n' "$1" "$2"; }
misuse() { printf '%s\n%s\n' "$1" "$USAGE" >&2; exit 2; }

while (($#)); do
  case $1 in
    --trust) [[ ${2-} ]] || misuse 'Dopo --trust serve un file.'; trust=$(realpath -- "$2"); shift 2 ;;
    --strict-trust) strict=yes; shift ;;
    registrazione) [[ ${2-} =~ ^(0|[1-9][0-9]{0,17})$ ]] || misuse 'Dopo registrazione serve un numero.'
      only=$2; shift 2 ;;
    -h | --help) printf '%s\n' "$USAGE"; exit 0 ;;
    *) misuse "Argomento sconosciuto: $1" ;;
  esac
done
[[ ! $trust || -f $trust ]] || misuse "Il file di fiducia $trust non c'è."

for tool in openssl sha256sum base64 od mktemp; do
  command -v "$tool" >/dev/null || misuse "Manca il programma $tool."
done
[[ -f bagit.txt ]] || cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
[[ -f bagit.txt ]] || misuse 'Qui non c'\''è un pacchetto: lanciare verify.sh nella sua cartella.'
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# ---------------------------------------------------------------------------- leggere e scrivere

# read_text FILE: tutto il file in REPLY, fino all'ultimo byte; un byte zero è un errore.
read_text() {
  [[ -f $1 && ! -L $1 ]] || fail "$step" "manca $1"
  if IFS= read -r -d '' REPLY <"$1"; then fail "$step" "$1 contiene un byte zero"; fi
}

# decode64 TEXT: base64 o base64url, senza "=", diventa esadecimale in REPLY; "to64" è il contrario.
declare -A SIX=() KNOWN_BASE64=()
alphabet=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_
for ((n = 0; n < 64; n++)); do SIX[${alphabet:n:1}]=$n; done
SIX[+]=62 SIX[/]=63
decode64() {
  local text=$1 hex= part n size=${#1}
  for ((n = 0; n + 4 <= size; n += 4)); do
    printf -v part '%06x' $((SIX[${text:n:1}] << 18 | SIX[${text:n+1:1}] << 12 | SIX[${text:n+2:1}] << 6 | SIX[${text:n+3:1}]))
    hex+=$part
  done
  part=
  case $((size - n)) in
    1) fail "$step" "${text:0:60} non è base64" ;;
    2) printf -v part '%02x' $(((SIX[${text:n:1}] << 6 | SIX[${text:n+1:1}]) >> 4)) ;;
    3) printf -v part '%04x' $(((SIX[${text:n:1}] << 12 | SIX[${text:n+1:1}] << 6 | SIX[${text:n+2:1}]) >> 2)) ;;
  esac
  REPLY=$hex$part
}
to64() {
  local hex=$1 text= n value size=${#1}
  for ((n = 0; n + 6 <= size; n += 6)); do
    value=$((16#${hex:n:6}))
    text+=${alphabet:value>>18:1}${alphabet:value>>12&63:1}${alphabet:value>>6&63:1}${alphabet:value&63:1}
  done
  case $((size - n)) in
    2) value=$((16#${hex:n:2} << 4)); text+=${alphabet:value>>6:1}${alphabet:value&63:1} ;;
    4) value=$((16#${hex:n:4} << 2)); text+=${alphabet:value>>12:1}${alphabet:value>>6&63:1}${alphabet:value&63:1} ;;
  esac
  REPLY=$text
}

# unbase64 TEXT: l'impronta di 32 byte scritta in base64 diventa esadecimale in REPLY.
unbase64() {
  REPLY=${KNOWN_BASE64[${1:-?}]-}
  [[ ! $REPLY ]] || return 0
  [[ $1 =~ ^$HASH_FORM$ ]] || fail "$step" "${1:0:60} non è un'impronta in base64"
  ((SIX[${1:42:1}] % 4 == 0)) || fail "$step" "$1 non è base64 canonico"
  decode64 "${1%=}"
  KNOWN_BASE64[$1]=$REPLY
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

# ------------------------------------------------------------------------- 1: file e manifesti

step=1
if [[ ! $only ]]; then
  declare -A LISTED=([tagmanifest-sha256.txt]=1)
  for name in manifest-sha256.txt tagmanifest-sha256.txt; do
    while IFS= read -r line; do
      [[ $line =~ ^[0-9a-f]{64}\ \ ([A-Za-z0-9._/-]+)$ ]] || fail 1 "$name: riga non valida"
      [[ ! ${LISTED[${line:66}]-} ]] || fail 1 "$name: ${line:66} è elencato due volte"
      [[ /${line:66}/ != *//* && /${line:66}/ != */../* ]] || fail 1 "$name: ${line:66} non è un nome ammesso"
      LISTED[${line:66}]=1
    done <"$name"
  done
  count=0
  for path in **; do
    [[ ! -L $path ]] || fail 1 "$path è un collegamento"
    [[ ! -d $path ]] || continue
    [[ ${LISTED[$path]-} ]] || fail 1 "$path non è elencato"
    ((count += 1))
  done
  ((count == ${#LISTED[@]})) || fail 1 'un file elencato non c'\''è'
  sha256sum --strict --quiet -c manifest-sha256.txt >"$work/out" 2>&1 || fail 1 "manifest-sha256.txt: $(head -n 1 "$work/out")"
  sha256sum --strict --quiet -c tagmanifest-sha256.txt >"$work/out" 2>&1 || fail 1 "tagmanifest-sha256.txt: $(head -n 1 "$work/out")"
  pass 1 "$count file come nei manifesti, nessuno in più"
fi

roots=(data/*/representations/rep1/data)
((${#roots[@]} == 1)) || fail 1 'sotto data/ non c'\''è una cartella sola'
info=bag-info.txt
cups=()
while IFS= read -r line; do
  [[ $line != 'Pista-CUP: '* ]] || cups+=("${line#*: }")
done <"$info"
((${#cups[@]})) || fail 1 "$info non nomina alcun CUP"
cd -- "${roots[0]}"
printf 'CUP      %s\n' "${cups[*]}"

# ------------------------------------------------------------------------------- 2: la testata

step=2
read_text log/checkpoint
checkpoint=$REPLY
mapfile -t lines <log/checkpoint
[[ ${lines[1]-} =~ ^(0|[1-9][0-9]{0,17})$ && ! ${lines[3]-} && ${lines[4]-} == '— '* ]] || fail 2 'log/checkpoint non è una testata'
origin=${lines[0]} size=${lines[1]}
unbase64 "${lines[2]}"
root=$REPLY
body=$origin$'\n'$size$'\n'${lines[2]}$'\n'
((size > 0)) || fail 2 'l'\''albero è vuoto'

quorum=none anchored=no
if [[ $trust ]]; then
  [[ ! $trust -ef log/policy.txt ]] || fail 2 'log/policy.txt è nel pacchetto: non può dare fiducia'
  declare -A WITNESS=() MEMBERS=() THRESHOLD=() REACHED=()
  keys=() groups=()
  while read -r word one two rest || [[ $word ]]; do
    case $word in
      log) [[ ${one%%+*} != "$origin" ]] || keys+=("$one") ;;
      witness) WITNESS[$one]=$two ;;
      group) groups+=("$one"); THRESHOLD[$one]=$two; MEMBERS[$one]=$rest ;;
      quorum) quorum=$one ;;
    esac
  done <"$trust"
  ((${#keys[@]})) || fail 2 "il file di fiducia non nomina il registro $origin"

  # note_key VKEY TYPE: nome, identificativo e chiave DER di una riga; l'identificativo deve tornare.
  note_key() {
    local rest=${1#*+} hex id
    key_name=${1%%+*} key_id=${rest%%+*}
    hex=$(base64 -d <<<"${rest#*+}" | od -An -v -tx1 | tr -d ' \n') || fail 2 "chiave illeggibile: $key_name"
    [[ $hex == "$2"* && ${#hex} -eq 66 ]] || fail 2 "chiave di tipo non previsto: $key_name"
    escape "$hex"
    # shellcheck disable=SC2059
    id=$({ printf '%s\n' "$key_name"; printf "$REPLY"; } | sha256sum)
    [[ ${id:0:8} == "$key_id" ]] || fail 2 "l'identificativo della chiave $key_name non torna"
    escape "302a300506032b6570032100${hex:2}"
    # shellcheck disable=SC2059
    printf "$REPLY" >"$work/note.der"
  }
  # note_signature: la firma della chiave letta, in HEX; 1 se la nota non la porta.
  note_signature() {
    local line dash name text found
    HEX=
    for line in "${lines[@]:4}"; do
      read -r dash name text <<<"$line"
      [[ $name == "$key_name" ]] || continue
      found=$(base64 -d <<<"$text" | od -An -v -tx1 | tr -d ' \n') || fail 2 'una firma non è base64'
      [[ ${found:0:8} == "$key_id" ]] || continue
      [[ ! $HEX ]] || fail 2 "due firme di $key_name"
      HEX=${found:8}
    done
    [[ $HEX ]]
  }
  # note_verify HEX: verifica la firma sul testo in $work/note.
  note_verify() {
    escape "$1"
    # shellcheck disable=SC2059
    printf "$REPLY" >"$work/note.sig"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/note.der" -rawin \
      -in "$work/note" -sigfile "$work/note.sig" >/dev/null 2>&1 || fail 2 "la firma di $key_name sulla testata è falsa"
  }
  for key in "${keys[@]}"; do
    note_key "$key" 01
    if note_signature; then
      printf '%s' "$body" >"$work/note"
      note_verify "$HEX"
      anchored=yes
    fi
  done
  [[ $anchored == yes ]] || fail 2 "la testata non è firmata dal registro $origin"
  for name in "${!WITNESS[@]}"; do
    note_key "${WITNESS[$name]}" 04
    if note_signature; then
      printf 'cosignature/v1\ntime %s\n%s' "$((16#${HEX:0:16}))" "$body" >"$work/note"
      note_verify "${HEX:16}"
      REACHED[$name]=1
    fi
  done
  for name in "${groups[@]}"; do
    count=0 threshold=${THRESHOLD[$name]}
    read -ra members <<<"${MEMBERS[$name]}"
    for member in "${members[@]}"; do [[ ! ${REACHED[$member]-} ]] || ((count += 1)); done
    [[ $threshold != any ]] || threshold=1
    [[ $threshold != all ]] || threshold=${#members[@]}
    [[ $threshold =~ ^[1-9][0-9]{0,8}$ ]] || fail 2 "il gruppo $name del file di fiducia non è leggibile"
    ((count < threshold)) || REACHED[$name]=1
  done
  pass 2 "testata di $origin, $size foglie, firmata dal registro"
else
  pass 2 "testata di $origin, $size foglie (firma NON controllata: manca --trust)"
fi
if [[ $quorum != none && ! ${REACHED[$quorum]-} ]]; then quorum=missing; fi

# --------------------------------------------------------------------- 3: foglie, righe, prove

step=3
declare -A DIGEST=() RECEIVED=() PLACES=() COVERED=() SEQ_INDEX=() SEQ_DIGEST=()
events=() pairs=() indexes=()
for path in leaves/*.leaf; do
  index=${path#leaves/} index=${index%.leaf}
  [[ $index =~ ^(0|[1-9][0-9]{0,17})$ ]] || fail 3 "$path: nome non previsto"
  indexes+=("$index")
done
mapfile -t indexes < <(printf '%s\n' "${indexes[@]}" | sort -n)

before=
for index in "${indexes[@]}"; do
  mapfile -t lines <"leaves/$index.leaf"
  [[ ${lines[0]-} == pista/leaf/v1 ]] || fail 3 "leaves/$index.leaf non è una foglia"
  if [[ ${lines[1]-} == heads ]]; then
    [[ ${#lines[@]} -eq 6 && ${lines[2]} == "$index" ]] || fail 3 "la foglia di chiusura $index non copre le precedenti"
    COVERED[$index]="${lines[3]} ${lines[4]} ${lines[5]}"
  else
    [[ ${lines[1]-} == event && ${#lines[@]} -ge 5 ]] || fail 3 "leaves/$index.leaf non è una foglia"
    [[ ! ${lines[2]} < $before ]] || fail 3 "la registrazione $index è ricevuta prima della precedente"
    before=${lines[2]}
    unbase64 "${lines[3]}"
    events+=("$index") DIGEST[$index]=$REPLY RECEIVED[$index]=${lines[2]} PLACES[$index]="${lines[*]:4}"
    for place in "${lines[@]:4}"; do
      [[ $place =~ ^([A-Za-z0-9._/-]+)\ (0|[1-9][0-9]{0,17})$ ]] || fail 3 "leaves/$index.leaf: flusso non valido"
      [[ ! ${SEQ_INDEX[$place]-} ]] || fail 3 "due registrazioni al posto $place"
      SEQ_INDEX[$place]=$index SEQ_DIGEST[$place]=${lines[3]}
    done
  fi
  [[ ! $only || $index == "$only" ]] && pairs+=("$index=leaves/$index.leaf")
done
[[ ! $only || ${DIGEST[$only]-} ]] || fail 3 "la registrazione $only non è in questo pacchetto"
last=$((size - 1))
[[ ${COVERED[$last]-} ]] || fail 3 "manca la foglia di chiusura $last"

hash_prefixed "${pairs[@]}"
for pair in "${pairs[@]}"; do
  index=${pair%%=*}
  read_text "proofs/$index.tlog-proof"
  proof=$REPLY
  [[ ${proof#*$'\n\n'} == "$checkpoint" ]] || fail 3 "proofs/$index.tlog-proof è di un'altra testata"
  mapfile -t lines <<<"${proof%%$'\n\n'*}"
  [[ ${lines[0]} == c2sp.org/tlog-proof@v1 && ${lines[1]-} == "index $index" ]] || fail 3 "proofs/$index.tlog-proof non è la prova della foglia $index"
  path=()
  for line in "${lines[@]:2}"; do unbase64 "$line"; path+=("$REPLY"); done
  inclusion 3 "la foglia $index non è nell'albero" "${HASHES[$index]}" "$index" "$size" "$root" "${path[@]}"
  if ((index == last && last > 0)); then
    # Il cammino dell'ultima foglia è fatto dei soli sottoalberi alla sua sinistra: uniti tra loro
    # danno la radice di tutto ciò che la foglia di chiusura dice di coprire.
    read -r covered _ <<<"${COVERED[$last]}"
    unbase64 "$covered"
    lefts=("${path[@]:1}")
    climb 3 'la foglia di chiusura copre altre foglie' "${path[0]}" "$REPLY" "${lefts[@]/#/L:}"
  fi
done
climb_all
pass 3 "${#pairs[@]} foglie incluse nell'albero, tempi di ricezione in ordine"

# ------------------------------------------------------------------ 4: numeri di ogni flusso

if [[ ! $only ]]; then
  step=4
  declare -A COUNT=() NEEDED=([sys/log]=1)
  read -r _ streams rows_root <<<"${COVERED[$last]}"
  unbase64 "$rows_root"
  rows_root=$REPLY
  for cup in "${cups[@]}"; do NEEDED[cup/$cup]=1; done
  pairs=()
  for path in heads/*.row; do
    row=${path#heads/} row=${row%.row}
    [[ $row =~ ^(0|[1-9][0-9]{0,17})$ ]] || fail 4 "$path: nome non previsto"
    pairs+=("$row=$path")
  done
  hash_prefixed "${pairs[@]}"
  for pair in "${pairs[@]}"; do
    row=${pair%%=*}
    read_text "heads/$row.row"
    [[ $REPLY =~ ^pista/row/v1\ ([A-Za-z0-9._/-]+)\ ([1-9][0-9]{0,17})\ (0|[1-9][0-9]{0,17})\ ($HASH_FORM)$'\n'$ ]] || fail 4 "heads/$row.row non è una riga"
    stream=${BASH_REMATCH[1]} count=${BASH_REMATCH[2]} at=${BASH_REMATCH[3]} digest=${BASH_REMATCH[4]}
    [[ ! ${COUNT[$stream]-} ]] || fail 4 "due righe del flusso $stream"
    COUNT[$stream]=$count
    mapfile -t lines <"heads/$row.proof"
    [[ ${lines[0]-} == pista/row-proof/v1 && ${lines[1]-} == "$row" && ${lines[2]-} == "$streams" ]] || fail 4 "heads/$row.proof non è la prova della riga $row"
    path=()
    for line in "${lines[@]:3}"; do unbase64 "$line"; path+=("$REPLY"); done
    inclusion 4 "la riga $row ($stream) non è nella testata" "${HASHES[$row]}" "$row" "$streams" "$rows_root" "${path[@]}"
    previous=-1
    for ((seq = 0; seq < count; seq++)); do
      index=${SEQ_INDEX["$stream $seq"]-}
      [[ $index ]] || fail 4 "$stream: il registro conta $count registrazioni, manca la numero $seq"
      ((index > previous)) || fail 4 "$stream: la registrazione $index è fuori ordine"
      previous=$index
    done
    [[ $previous == "$at" && ${SEQ_DIGEST["$stream $((count - 1))"]} == "$digest" ]] || fail 4 "$stream: l'ultima registrazione non è quella della riga"
    [[ ! ${SEQ_INDEX["$stream $count"]-} ]] || fail 4 "$stream: c'è una registrazione in più"
  done
  climb_all
fi

# --------------------------------------------------------------- 5: buste, catena, basi, firme

step=5
if [[ $only ]]; then events=("$only"); fi
declare -A KEY_FILE=() KEY_ACTOR=() KEY_ENROLLED=() BASIS=() COMMITS=() SEEN=() ABSENT=()
read_text reasons.json
[[ $REPLY == '['*']'$'\n' ]] || fail 5 'reasons.json non è leggibile'
reasons=$REPLY

# La foglia prima della chiusura può essere di altri flussi: sta qui per l'ora, senza la sua busta.
if [[ ! $only && -f leaves/$((size - 2)).leaf ]]; then
  foreign=1
  for place in ${PLACES[$((size - 2))]-}; do [[ ! ${COUNT[$place]-} ]] || foreign=; done
  if [[ $foreign && ! -f events/$((size - 2)).jws ]]; then
    kept=()
    for index in "${events[@]}"; do [[ $index == $((size - 2)) ]] || kept+=("$index"); done
    events=("${kept[@]}")
    unset "PLACES[$((size - 2))]"
  fi
fi

mkdir -- "$work/events"
present=()
for index in "${events[@]}"; do
  if [[ -f events/$index.jws ]]; then
    present+=("events/$index.jws")
  else
    [[ $reasons == *"\"index\":$index,"* ]] || fail 5 "manca la busta $index e reasons.json non dice perché"
    ABSENT[$index]=1
  fi
done
HASHES=()
for ((n = 0; n < ${#present[@]}; n += 500)); do
  while read -r hex name; do HASHES[${name##*/}]=$hex; done < <(sha256sum -- "${present[@]:n:500}")
done
for index in "${events[@]}"; do
  [[ ${ABSENT[$index]-} || ${HASHES[$index.jws]} == "${DIGEST[$index]}" ]] || fail 5 "events/$index.jws non è la busta della foglia $index"
done
if [[ ! $only ]]; then
  for path in events/*; do
    index=${path#events/} index=${index%.jws}
    [[ ${DIGEST[$index]-} && $path == "events/$index.jws" ]] || fail 5 "$path non ha una foglia"
  done
fi

# enrolled INDEX PAYLOAD: ricorda attore e certificato di ogni chiave che l'evento iscrive per primo.
enrolled() {
  local key rest=$2 pattern='"actor":"([a-z2-7]{26})","certificate":"(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\]*-----END CERTIFICATE-----\\n)","jwk":\{[^{}]*\},"kid":"([A-Za-z0-9_-]{43})"'
  while [[ $rest =~ $pattern ]]; do
    key=${BASH_REMATCH[3]}
    if [[ ! ${KEY_ENROLLED[$key]-} || ${KEY_ENROLLED[$key]%% *} -gt $1 ]]; then
      KEY_ACTOR[$key]=${BASH_REMATCH[1]}
      KEY_ENROLLED[$key]="$1 ${BASH_REMATCH[2]}"
    fi
    rest=${rest#*"${BASH_REMATCH[0]}"}
  done
}

# decode INDEX: intestazione, contenuto e firma (esadecimale) di una busta.
declare -A CONTENT=()
decode() {
  local parts text
  read_text "events/$1.jws"
  [[ $REPLY =~ ^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$ ]] || fail 5 "events/$1.jws non è una busta"
  IFS=. read -ra parts <<<"$REPLY"
  signed=${parts[0]}.${parts[1]}
  decode64 "${parts[0]}"
  escape "$REPLY"
  # shellcheck disable=SC2059
  printf -v header "$REPLY"
  if [[ ! ${CONTENT[$1]-} ]]; then
    text=${parts[1]//-/+} text=${text//_//}
    case $((${#text} % 4)) in 2) text+='==' ;; 3) text+='=' ;; esac
    CONTENT[$1]=$(base64 -d <<<"$text") || fail 5 "busta $1: contenuto non base64url"
  fi
  payload=${CONTENT[$1]}
  decode64 "${parts[2]}"
  signature=$REPLY
}

UUID='[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
HEADER_FORM='^\{"alg":"(ES256|EdDSA|RS256)","cty":"pista-event\+json","iat":([0-9]{1,15}),"kid":"([A-Za-z0-9_-]{43})","typ":"JOSE","x5t#S256":"([A-Za-z0-9_-]{43})"\}$'
FRONT_FORM='^\{"actor":"([a-z2-7]{26})","basis":\{"root":"('$HASH_FORM')","size":(0|[1-9][0-9]{0,17})\},"claimed_at":"[0-9TZ:-]{20}",'
BACK_FORM=',"streams":\[([^][]+)\],"type":"([a-z0-9-]+/[1-9][0-9]{0,17})","v":1\}$'
CLAIM_FORM='^\{"name":"([A-Za-z0-9._/-]+)","prev":(null|"('$HASH_FORM')"),"seq":(0|[1-9][0-9]{0,17})\}(,|$)'
OBJECT_FORM='^\{"commit":"('$HASH_FORM')","media_type":"[^"\\]*","name":"[^"\\]*","size":(0|[1-9][0-9]{0,17})\}(,|\])'

# judge_content INDEX: registro, flussi, catena, base e documenti che la busta dichiara.
judge_content() {
  local index=$1 claims rest places= name prev seq before id
  [[ $header =~ $HEADER_FORM ]] || fail 5 "busta $index: intestazione non prevista"
  alg=${BASH_REMATCH[1]} kid=${BASH_REMATCH[3]} x5t=${BASH_REMATCH[4]}
  [[ $payload =~ $FRONT_FORM ]] || fail 5 "busta $index: contenuto non previsto"
  actor=${BASH_REMATCH[1]} basis_root=${BASH_REMATCH[2]} basis_size=${BASH_REMATCH[3]}
  [[ $payload =~ $BACK_FORM ]] || fail 5 "busta $index: flussi non previsti"
  claims=${BASH_REMATCH[1]} type=${BASH_REMATCH[2]}
  [[ $payload =~ ,\"id\":\"($UUID)\",\"ledger\":\"([^\"]*)\",\"nonce\":\"[A-Za-z0-9_-]{22}\",\"objects\":\[ ]] || fail 5 "busta $index: contenuto non previsto"
  id=${BASH_REMATCH[1]} rest=${payload#*"${BASH_REMATCH[0]}"}
  [[ ${BASH_REMATCH[2]} == "$origin" ]] || fail 5 "la busta $index è di un altro registro: ${BASH_REMATCH[2]}"
  [[ ! ${SEEN[$id]-} ]] || fail 5 "le buste ${SEEN[$id]} e $index hanno lo stesso identificativo"
  SEEN[$id]=$index
  while [[ $rest != ']'* ]]; do
    [[ $rest =~ $OBJECT_FORM ]] || fail 5 "busta $index: documenti non previsti"
    COMMITS[${BASH_REMATCH[1]}]="$index ${BASH_REMATCH[2]}"
    rest=${rest#"${BASH_REMATCH[0]}"}
    [[ ${BASH_REMATCH[3]} != ']' ]] || break
  done
  while [[ $claims ]]; do
    [[ $claims =~ $CLAIM_FORM ]] || fail 5 "busta $index: flussi non previsti"
    name=${BASH_REMATCH[1]} prev=${BASH_REMATCH[3]} seq=${BASH_REMATCH[4]}
    claims=${claims#"${BASH_REMATCH[0]}"}
    places+="${places:+ }$name $seq"
    before=${SEQ_DIGEST["$name $((seq - 1))"]-}
    if ((seq == 0)); then
      [[ ! $prev ]] || fail 5 "busta $index: la prima di $name non segue nulla"
    elif [[ ! $prev || ($before && $prev != "$before") ]]; then
      fail 5 "busta $index: in $name non segue la registrazione che la precede"
    fi
  done
  [[ $places == "${PLACES[$index]}" ]] || fail 5 "busta $index: i flussi firmati non sono quelli della foglia"
  ((basis_size <= index)) || fail 5 "busta $index: la base è oltre la registrazione"
  [[ ${BASIS[$basis_size]-$basis_root} == "$basis_root" ]] || fail 5 "busta $index: due radici per la base $basis_size"
  BASIS[$basis_size]=$basis_root
}

# read_key KID: il certificato di una chiave, emesso dalla CA del registro per quell'attore.
declare -A KEY_X5T=()
RSA_FORM='^30820[0-9a-f]{3}300d06092a864886f70d01010105000382[0-9a-f]{4}003082[0-9a-f]{4}0282[0-9a-f]{4}00([0-9a-f]+)0203010001$'
read_key() {
  local kid=$1 file=keys/$1.crt pem line spki= subject= print= jwk x hex
  [[ ! ${KEY_FILE[$kid]-} ]] || return 0
  read_text "$file"
  pem=$REPLY
  [[ ${KEY_ENROLLED[$kid]-} ]] || fail 5 "la chiave $kid non è iscritta nel registro"
  [[ ${pem//$'\n'/\\n} == "${KEY_ENROLLED[$kid]#* }" ]] || fail 5 "$file non è il certificato iscritto nel registro"
  openssl verify -no_check_time -no-CApath -no-CAstore -CAfile keys/ca.crt "$file" >/dev/null 2>&1 || fail 5 "$file non è emesso da keys/ca.crt"
  openssl x509 -in "$file" -noout -subject -nameopt RFC2253 -fingerprint -sha256 -pubkey >"$work/$kid.out"
  while IFS= read -r line; do
    case $line in
      subject=*) subject=$line ;;
      *Fingerprint=*) print=${line#*=} print=${print//:/} ;;
      -----*) ;;
      *) spki+=$line ;;
    esac
  done <"$work/$kid.out"
  [[ $subject == "subject=CN=${KEY_ACTOR[$kid]}" ]] || fail 5 "$file è di un altro attore"
  printf -- '-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n' "$spki" >"$work/$kid.pem"
  spki=${spki%=}
  decode64 "${spki%=}"
  spki=$REPLY
  if [[ $spki == 3059301306072a8648ce3d020106082a8648ce3d03010703420004* ]]; then
    KEY_FILE[$kid]=ES256
    to64 "${spki:54:64}"
    x=$REPLY
    to64 "${spki:118:64}"
    jwk="{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"$x\",\"y\":\"$REPLY\"}"
  elif [[ $spki == 302a300506032b6570032100* ]]; then
    KEY_FILE[$kid]=EdDSA
    to64 "${spki:24}"
    jwk="{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"$REPLY\"}"
  elif [[ $spki =~ $RSA_FORM ]]; then
    KEY_FILE[$kid]=RS256
    to64 "${BASH_REMATCH[1]}"
    jwk="{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"$REPLY\"}"
  else
    fail 5 "$file: chiave di tipo non previsto"
  fi
  read -r hex _ < <(printf '%s' "$jwk" | sha256sum)
  to64 "$hex"
  [[ $REPLY == "$kid" ]] || fail 5 "$file non è della chiave $kid (RFC 7638)"
  to64 "$print"
  KEY_X5T[$kid]=$REPLY
}

# der_integer HEX: un numero positivo come INTEGER di DER, esadecimale in REPLY.
der_integer() {
  local hex=$1
  while [[ $hex == 00* && ${#hex} -gt 2 ]]; do hex=${hex:2}; done
  [[ $hex != [89a-f]* ]] || hex=00$hex
  printf -v REPLY '02%02x%s' $((${#hex} / 2)) "$hex"
}

# judge_signature INDEX: la firma della busta decodificata, con la chiave che nomina.
judge_signature() {
  local index=$1 r s
  read_key "$kid"
  [[ ${KEY_FILE[$kid]} == "$alg" ]] || fail 5 "busta $index: algoritmo $alg con una chiave ${KEY_FILE[$kid]}"
  [[ ${KEY_ACTOR[$kid]} == "$actor" ]] || fail 5 "busta $index: la chiave è di un altro attore"
  [[ ${KEY_X5T[$kid]} == "$x5t" ]] || fail 5 "busta $index: il certificato non è quello firmato"
  ((index == 0 || ${KEY_ENROLLED[$kid]%% *} < index)) || fail 5 "busta $index: la chiave è iscritta dopo"
  if [[ $alg == ES256 ]]; then
    ((${#signature} == 128)) || fail 5 "busta $index: firma di lunghezza errata"
    der_integer "${signature:0:64}"
    r=$REPLY
    der_integer "${signature:64}"
    s=$REPLY
    printf -v signature '30%02x%s' $(((${#r} + ${#s}) / 2)) "$r$s"
  fi
  escape "$signature"
  # shellcheck disable=SC2059
  printf "$REPLY" >"$work/signature"
  printf '%s' "$signed" >"$work/signed"
  if [[ $alg == EdDSA ]]; then
    openssl pkeyutl -verify -pubin -inkey "$work/$kid.pem" -rawin -in "$work/signed" -sigfile "$work/signature" >/dev/null 2>&1 || fail 5 "busta $index: la firma è falsa"
  else
    openssl dgst -sha256 -verify "$work/$kid.pem" -signature "$work/signature" "$work/signed" >/dev/null 2>&1 || fail 5 "busta $index: la firma è falsa"
  fi
}

# Le iscrizioni di chiavi stanno in sys/log e nei flussi actor/; con una registrazione sola si
# leggono tutte lo stesso.
for index in "${!PLACES[@]}"; do
  [[ " ${PLACES[$index]}" == *' actor/'* && -f events/$index.jws ]] || continue
  decode "$index"
  enrolled "$index" "$payload"
  if ((index == 0)); then founding=$payload; fi
done
read_text keys/ca.crt
[[ ${founding-} == *"\"ca\":\"${REPLY//$'\n'/\\n}\""* ]] || fail 5 'keys/ca.crt non è il certificato della fondazione'

checked=0
for index in "${events[@]}"; do
  [[ ! ${ABSENT[$index]-} ]] || continue
  decode "$index"
  judge_content "$index"
  judge_signature "$index"
  ((checked += 1))
  if [[ ! $only ]]; then
    NEEDED[actor/$actor]=1
    for cup in "${cups[@]}"; do
      if [[ " ${PLACES[$index]} " == *" cup/$cup "* ]]; then
        for place in ${PLACES[$index]}; do [[ $place != act/* ]] || NEEDED[$place]=1; done
      fi
    done
  fi
done

if [[ $only ]]; then
  printf 'foglia        %s\nricevuta      %s\nflussi        %s\ntipo          %s\nfirmatario    %s\nchiave        %s (%s)\n' \
    "$only" "${RECEIVED[$only]}" "${PLACES[$only]}" "$type" "$actor" "$kid" "$alg"
  printf 'intestazione  %s\ncontenuto     %s\n' "$header" "$payload"
  pass 5 "la registrazione $only è nell'albero e la sua firma è valida"
else
  for stream in "${!NEEDED[@]}"; do
    [[ ${COUNT[$stream]-} ]] || fail 4 "manca la riga del flusso $stream: il pacchetto non è completo"
  done
  for stream in "${!COUNT[@]}"; do
    [[ ${NEEDED[$stream]-} ]] || fail 4 "il flusso $stream non serve a questi CUP"
  done
  pass 4 "${#COUNT[@]} flussi con tutte le registrazioni che il registro conta"
  pass 5 "$checked buste: impronte, catene, certificati e firme${ABSENT[*]:+; ${#ABSENT[@]} cancellate}"
fi

# ----------------------------------------------------------------------------- 6: basi dei firmatari

if [[ ! $only ]]; then
  step=6
  count=0
  for basis in "${!BASIS[@]}"; do
    unbase64 "${BASIS[$basis]}"
    basis_root=$REPLY
    if ((basis == 0)); then
      [[ $basis_root == "$EMPTY_ROOT" ]] || fail 6 'la base vuota non ha la radice dell'\''albero vuoto'
      continue
    fi
    [[ ${COVERED[$((basis - 1))]-} ]] || fail 6 "manca la foglia di chiusura della base $basis"
    path=()
    [[ -f log/consistency/$basis.proof ]] || fail 6 "manca log/consistency/$basis.proof"
    while IFS= read -r line; do unbase64 "$line"; path+=("$REPLY"); done <"log/consistency/$basis.proof"
    consistency 6 "la base $basis non è un inizio di questo registro" "$basis" "$basis_root" "$size" "$root" "${path[@]}"
    ((count += 1))
  done
  climb_all
  for path in log/consistency/*; do
    basis=${path#log/consistency/}
    [[ ${BASIS[${basis%.proof}]-} ]] || fail 6 "$path non serve"
  done
  for index in "${!COVERED[@]}"; do
    [[ $index == "$last" || ${BASIS[$((index + 1))]-} ]] || fail 6 "leaves/$index.leaf non serve"
  done
  pass 6 "$count basi dei firmatari sono inizi di questo registro"
fi

# -------------------------------------------------------------------------------- 7: documenti

step=7
declare -A FOLDERS=()
count=0 gone=0
for commit in "${!COMMITS[@]}"; do
  read -r index bytes <<<"${COMMITS[$commit]}"
  folder=${commit//+/-} folder=${folder//\//_} folder=documents/${folder%=}
  FOLDERS[$folder]=1
  if [[ ! -e $folder ]]; then
    [[ $reasons == *"\"commit\":\"$commit\""* ]] || fail 7 "manca il documento $folder della registrazione $index, senza motivo"
    ((gone += 1))
    continue
  fi
  [[ -f $folder/salt && -f $folder/content ]] || fail 7 "$folder non ha salt e content"
  (($(wc -c <"$folder/salt") == 32)) || fail 7 "$folder/salt non ha 32 byte"
  (($(wc -c <"$folder/content") == bytes)) || fail 7 "$folder/content non ha $bytes byte (registrazione $index)"
  unbase64 "$commit"
  read -r hex _ < <(cat -- "$folder/salt" "$folder/content" | sha256sum)
  [[ $hex == "$REPLY" ]] || fail 7 "$folder non è il documento firmato nella registrazione $index"
  ((count += 1))
done
if [[ ! $only ]]; then
  for path in documents/*; do
    [[ ${FOLDERS[$path]-} ]] || fail 7 "$path non è nominato da alcuna registrazione"
  done
fi
pass 7 "$count documenti uguali a quelli firmati$( ((gone == 0)) || printf '; %s cancellati secondo reasons.json' "$gone")"

# ------------------------------------------------------------------------------------- esito

cat <<'TEXT'
Non controllato qui: se ogni chiave era in vigore a quel punto (k amministratori su n, revoche,
ruoli), se una cancellazione è lecita, se stato e storia derivano dalle registrazioni ("pista
verify" lo fa), le firme dentro i documenti, marche temporali e sigillo (non ancora nel formato),
le foglie che non sono in questo pacchetto.
TEXT
if [[ $quorum == missing ]]; then
  printf 'ESITO    coerente, firmato dal registro, ma manca il quorum dei testimoni\n'
  exit 3
elif [[ $anchored == yes ]]; then
  printf 'ESITO    coerente e firmato dal registro del file di fiducia\n'
else
  printf 'ESITO    coerente, NON ancorato: senza --trust FILE non si sa se è il registro vero\n'
  [[ $strict == no ]] || exit 3
fi
