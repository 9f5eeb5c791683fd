#!/usr/bin/env bash
# Controlla un pacchetto di Pista con bash (4.4 o successiva), coreutils e openssl 3: niente altro.
# Controlla la cartella in cui lo si lancia o, se non è un pacchetto, quella in cui sta.
#
#   bash verify.sh                            tutto
#   bash verify.sh --trust FILE               anche la firma del registro, con il file di fiducia
#   bash verify.sh --tsa-ca FILE              anche le marche temporali, con le autorità di cui ci si fida
#   bash verify.sh --strict-trust ...         senza ancoraggio l'esito è 3 e non 0
#   bash verify.sh registrazione N            una registrazione sola, per esteso
#
# Il file di fiducia non è nel pacchetto: si ottiene dall'ente, da un testimone o dal sito.
# Esito: 0 coerente; 1 qualcosa contraddice (è nominato il primo caso); 2 uso errato;
# 3 coerente ma non provato fino in fondo: manca il quorum dei testimoni, un pacchetto pubblico
# omette qualcosa, le marche temporali sono di un'autorità di cui nessuno ha detto di fidarsi, o non
# è ancorato (con --strict-trust). Ciò che è cancellato secondo legge è detto, con la registrazione
# che lo cancella, e non cambia l'esito.
#
# Come funziona. Le foglie, le righe e le prove di coerenza diventano "percorsi": un'impronta di
# partenza, i nodi da unirle a sinistra o a destra, la radice attesa (RFC 6962). I percorsi salgono
# tutti insieme, un livello alla volta: un solo sha256sum a livello. Chi ha rifatto il pacchetto può
# avere rifatto anche questo file: usarne una copia avuta altrove, o seguire VERIFICA.txt a mano.
#
# Il pacchetto può essere ostile, e bash esegue ciò che trova nelle espressioni aritmetiche e negli
# indici: ogni numero e ogni impronta è confrontato con la sua forma dove è letto, e di nuovo
# all'inizio di ogni funzione che fa conti. Tutto sta in funzioni chiamate da main, sull'ultima
# riga: un errore che interrompe main non può saltare il resto di un passo e arrivare all'esito.

((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || { echo 'Serve bash 4.4 o successiva.' >&2; exit 2; }
set -euo pipefail
export LC_ALL=C
unset CDPATH GLOBIGNORE
# Dopo unset GLOBIGNORE, che spegne dotglob: anche i file nascosti vanno visti.
shopt -s globstar dotglob nullglob

USAGE='Uso: bash verify.sh [--trust FILE] [--tsa-ca FILE] [--strict-trust] [registrazione N]'
EMPTY_ROOT=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
SOFTWARE='Pista, formato del pacchetto 1'
NUM='(0|[1-9][0-9]{0,17})'
HASH_FORM='[A-Za-z0-9+/]{43}='
HEX_FORM='[0-9a-f]{64}'
CUP_FORM='[A-Z0-9]{15}'
DATE_FORM='[0-9]{4}-[0-9]{2}-[0-9]{2}'
TIME_FORM="${DATE_FORM}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z"
ORIGIN_FORM='[^+[:space:][:cntrl:]]+'
NAME_FORM=$'^[^][:space:][:cntrl:]@*$`\'"\\[]+$'
STRING_FORM='"([^"\\]|\\.)*"'
trust='' tsa='' strict=no only='' work='' step=0 told='' incomplete=''
completed=()

# clean TEXT: il testo in REPLY senza caratteri di controllo (C0, C1) né di direzione (U+202A...).
clean() {
  local text=${1//[[:cntrl:]]/?}
  text=${text//$'\xc2'[$'\x80'-$'\x9f']/?}
  text=${text//$'\xe2\x80'[$'\x8b'-$'\x8f'$'\xa8'-$'\xae']/?}
  REPLY=${text//$'\xe2\x81'[$'\xa0'-$'\xaf']/?}
}

fail() { clean "$2"; told=yes; printf 'FALLITO  passo %s: %s\n' "$1" "$REPLY" >&2; exit 1; }
pass() { clean "$2"; completed+=("$1"); printf 'ok       passo %s: %s\n' "$1" "$REPLY"; }
misuse() { clean "$1"; told=yes; printf '%s\n%s\n' "$REPLY" "$USAGE" >&2; exit 2; }

# finish: alla fine, comunque ci si arrivi; senza un esito detto nulla è controllato.
finish() {
  local status=$?
  [[ ! $work ]] || rm -rf -- "$work"
  [[ $told ]] || { status=1; printf 'FALLITO  passo %s: errore imprevisto, il controllo non è finito\n' "$step" >&2; }
  exit "$status"
}
trap finish EXIT

read_arguments() {
  local tool
  while (($#)); do
    case $1 in
      --trust) [[ ${2-} ]] || misuse 'Dopo --trust serve un file.'
        [[ -f $2 ]] || misuse "Il file di fiducia $2 non c'è."
        trust=$(realpath -- "$2"); shift 2 ;;
      --tsa-ca) [[ ${2-} ]] || misuse 'Dopo --tsa-ca serve un file.'
        [[ -f $2 ]] || misuse "Il file delle autorità $2 non c'è."
        tsa=$(realpath -- "$2"); shift 2 ;;
      --strict-trust) strict=yes; shift ;;
      registrazione) [[ ${2-} =~ ^$NUM$ ]] || misuse 'Dopo registrazione serve un numero.'
        only=$2; shift 2 ;;
      -h | --help) told=yes; printf '%s\n' "$USAGE"; exit 0 ;;
      *) misuse "Argomento sconosciuto: $1" ;;
    esac
  done
  for tool in openssl sha256sum base64 od mktemp tail date; do
    command -v "$tool" >/dev/null || misuse "Manca il programma $tool."
  done
  [[ -f bagit.txt ]] || cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
  [[ -f bagit.txt ]] || misuse 'Qui non c'\''è un pacchetto: lanciare verify.sh nella sua cartella.'
  work=$(mktemp -d)
}

# ---------------------------------------------------------------------------- leggere e scrivere

# numbers WHAT TEXT...: ogni testo è un numero decimale senza zeri davanti, o il passo fallisce.
numbers() {
  local what=$1 text
  shift
  for text; do [[ $text =~ ^$NUM$ ]] || fail "$step" "$what: ${text:0:60} non è un numero"; done
}

# read_text FILE: tutto il file in REPLY, fino all'ultimo byte; un byte zero è un errore.
read_text() {
  [[ -f $1 && ! -L $1 ]] || fail "$step" "manca $1"
  if IFS= read -r -d '' REPLY <"$1"; then fail "$step" "$1 contiene un byte zero"; fi
}

# read_lines FILE: il testo in REPLY e le righe, ognuna con il suo a capo, in LINES.
LINES=()
read_lines() {
  read_text "$1"
  [[ $REPLY == *$'\n' ]] || fail "$step" "$1 non finisce con un a capo"
  mapfile -t LINES <<<"${REPLY%$'\n'}"
}

# decode64 TEXT: base64 o base64url, senza "=", diventa esadecimale in REPLY; "to64" è il contrario.
declare -A SIX=() KNOWN_BASE64=()
alphabet=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_
for ((n = 0; n < 64; n++)); do SIX[${alphabet:n:1}]=$n; done
SIX[+]=62 SIX[/]=63
decode64() {
  local text=$1 hex= part n size=${#1}
  [[ $text =~ ^[A-Za-z0-9+/_-]*$ ]] || fail "$step" "${text:0:60} non è base64"
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
  [[ $hex =~ ^([0-9a-fA-F]{2})*$ ]] || fail "$step" "${hex:0:60} non è esadecimale"
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
  [[ ${1-} =~ ^$HASH_FORM$ ]] || fail "$step" "${1:0:60} non è un'impronta in base64"
  REPLY=${KNOWN_BASE64[$1]-}
  [[ ! $REPLY ]] || return 0
  ((SIX[${1:42:1}] % 4 == 0)) || fail "$step" "$1 non è base64 canonico"
  decode64 "${1%=}"
  KNOWN_BASE64[$1]=$REPLY
}

# escape HEX: "abcd" diventa "\xab\xcd", che printf scrive come byte, in REPLY.
escape() {
  local hex=$1 n
  [[ $hex =~ ^([0-9a-fA-F]{2})*$ ]] || fail "$step" "${hex:0:60} non è esadecimale"
  REPLY=
  for ((n = 0; n < ${#hex}; n += 2)); do REPLY+="\\x${hex:n:2}"; done
}

# hash_files FILE...: impronta di ogni file, per nome senza cartella, in HASHES.
declare -A HASHES=()
hash_files() {
  local -a names=("$@")
  local n hex name
  HASHES=()
  for ((n = 0; n < ${#names[@]}; n += 500)); do
    while read -r hex name; do
      [[ $hex =~ ^$HEX_FORM$ ]] || fail "$step" "impronta non calcolata: $name"
      HASHES[${name##*/}]=$hex
    done < <(sha256sum -- "${names[@]:n:500}")
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
  hash_files "$folder"/*
}

# ------------------------------------------------------------------------- percorsi di RFC 6962

JOB_STEP=() JOB_WHAT=() JOB_NODE=() JOB_PATH=() JOB_ROOT=()
declare -A NODES=()

# climb STEP WHAT HASH ROOT [L:HASH | R:HASH]...: mette in fila un percorso.
climb() {
  local one
  [[ $3 =~ ^$HEX_FORM$ && $4 =~ ^$HEX_FORM$ ]] || fail "$1" "$2: impronta non valida"
  JOB_STEP+=("$1"); JOB_WHAT+=("$2"); JOB_NODE+=("$3"); JOB_ROOT+=("$4")
  shift 4
  for one; do [[ $one =~ ^[LR]:$HEX_FORM$ ]] || fail "$step" 'un percorso ha un'\''impronta non valida'; done
  JOB_PATH+=("$*")
}

# inclusion STEP WHAT HASH INDEX SIZE ROOT HASH...: RFC 9162, 2.1.3.2.
inclusion() {
  numbers "$2" "$4" "$5"
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
  numbers "$2" "$3" "$5"
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
      hash_files "$folder"/*
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

FILES=() cups=() id='' rep='' bundles=''
declare -A LISTED=() INFO=() NAMED=()

step_files() {
  step=1
  walk
  if [[ ! $only ]]; then judge_manifests; fi
  judge_names
  read_bag_info
  pass 1 "${#FILES[@]} file, tutti di nome previsto$([[ $only ]] || printf ', come nei manifesti, nessuno in più')$bundles"
  printf 'CUP      %s\n' "${cups[*]}"
}

# walk: prima di leggere alcunché, solo cartelle e file veri: nessun collegamento, nessun dispositivo.
walk() {
  local path
  local -a inside
  for path in **; do
    [[ ! -L $path ]] || fail 1 "$path è un collegamento"
    if [[ -d $path ]]; then
      inside=("$path"/*)
      ((${#inside[@]})) || fail 1 "$path è una cartella vuota"
      continue
    fi
    [[ -f $path ]] || fail 1 "$path non è un file"
    FILES+=("$path")
  done
}

judge_manifests() {
  local name line path
  LISTED[tagmanifest-sha256.txt]=1
  for name in manifest-sha256.txt tagmanifest-sha256.txt; do
    read_lines "$name"
    for line in "${LINES[@]}"; do
      [[ $line =~ ^$HEX_FORM\ \ [A-Za-z0-9._/-]+$ ]] || fail 1 "$name: riga non valida"
      path=${line:66}
      [[ ! ${LISTED[$path]-} ]] || fail 1 "$name: $path è elencato due volte"
      [[ /$path/ != *//* && /$path/ != */../* ]] || fail 1 "$name: $path non è un nome ammesso"
      LISTED[$path]=1
      if [[ $path == data/* ]]; then path=manifest-sha256.txt; else path=tagmanifest-sha256.txt; fi
      [[ $path == "$name" ]] || fail 1 "$name: ${line:66} va nell'altro manifesto"
    done
  done
  for path in "${FILES[@]}"; do
    [[ $path =~ ^[A-Za-z0-9._/-]+$ && ${LISTED[$path]-} ]] || fail 1 "$path non è elencato"
  done
  ((${#FILES[@]} == ${#LISTED[@]})) || fail 1 'un file elencato non c'\''è'
  for name in manifest-sha256.txt tagmanifest-sha256.txt; do
    sha256sum --strict --quiet -c "$name" >"$work/out" 2>&1 || fail 1 "$name: $(head -n 1 "$work/out")"
  done
}

# judge_names: ogni file ha un nome del formato; l'elenco è chiuso.
TAG_NAMES='bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt VERIFICA.txt verify.sh'
REP_FORM="^(events/$NUM\\.jws|leaves/$NUM\\.leaf|proofs/$NUM\\.tlog-proof|heads/$NUM\\.(row|proof)\
|log/(checkpoint|checkpoint\\.log|checkpoint\\.log\\.tsr|checkpoint\\.$NUM\\.(log|tsr)|policy\\.txt)|log/consistency/$NUM\\.proof\
|log/tile/entries/(x[0-9]{3}/)*[0-9]{3}(\\.p/[1-9][0-9]{0,2})?|keys/(ca|[A-Za-z0-9_-]{43})\\.crt\
|reasons\\.json|documents/[A-Za-z0-9_-]{43}/(content|salt)|state/($CUP_FORM/)?(intervention|history)\\.(json|xml)|state/times\\.json)$"
SCHEMA_FORM="^((state|intervention|history|times)-[1-9][0-9]{0,3}\\.(json|xsd)|events/[a-z0-9-]+-[1-9][0-9]{0,3}\\.json)$"
judge_names() {
  local path name
  local -a folders=(data/*)
  ((${#folders[@]} == 1)) || fail 1 'sotto data/ non c'\''è una cartella sola'
  id=${folders[0]#data/}
  [[ $id =~ ^$CUP_FORM(_e_altri)?_$NUM$ ]] || fail 1 "data/$id: nome non previsto"
  rep=data/$id/representations/rep1/data
  for path in "${FILES[@]}"; do
    case $path in
      "$rep"/*) [[ ${path#"$rep"/} =~ $REP_FORM ]] || fail 1 "$path non è previsto dal formato" ;;
      "data/$id/schemas"/*) [[ ${path#"data/$id/schemas/"} =~ $SCHEMA_FORM ]] || fail 1 "$path non è previsto dal formato" ;;
      *) [[ " $TAG_NAMES " == *" $path "* && $path != *' '* ]] || fail 1 "$path non è previsto dal formato" ;;
    esac
    NAMED[$path]=1
    if [[ $path == "$rep"/log/tile/* ]]; then bundles=', foglie in log/tile/ non rilette'; fi
  done
  for path in $TAG_NAMES; do [[ ${NAMED[$path]-} ]] || fail 1 "manca $path"; done
  for name in log/checkpoint log/checkpoint.log log/policy.txt keys/ca.crt reasons.json; do
    [[ ${NAMED[$rep/$name]-} ]] || fail 1 "manca $rep/$name"
  done
}

# read_bag_info: la domanda a cui il pacchetto dice di rispondere, ogni valore nella sua forma.
read_bag_info() {
  local line label value before='' name
  read_lines bag-info.txt
  for line in "${LINES[@]}"; do
    label=${line%%: *} value=${line#*: }
    [[ $line == *': '* ]] || fail 1 "bag-info.txt: riga non valida: $line"
    case $label in
      Bag-Software-Agent) name="^$SOFTWARE$" ;;
      Bagging-Date | Pista-As-Of) name="^$DATE_FORM$" ;;
      External-Identifier) name="^$id$" ;;
      Payload-Oxum) name="^$NUM\\.$NUM$" ;;
      Pista-Origin) name="^$ORIGIN_FORM$" ;;
      Pista-CUP) name="^$CUP_FORM$" ;;
      Pista-Size | Pista-Known-At) name="^$NUM$" ;;
      Pista-Head-Time) name="^$TIME_FORM$" ;;
      Pista-Kind) name='^(completo|pubblico)$' ;;
      Pista-Remark) name='^[^[:cntrl:]]+$' ;;
      *) fail 1 "bag-info.txt: riga non prevista: $label" ;;
    esac
    [[ $value =~ $name ]] || fail 1 "bag-info.txt: $label non vale $value"
    if [[ $label == Pista-CUP ]]; then
      [[ $before < $value ]] || fail 1 'bag-info.txt: i CUP non sono in ordine'
      before=$value
      cups+=("$value")
    elif [[ $label != Pista-Remark ]]; then
      [[ ! ${INFO[$label]-} ]] || fail 1 "bag-info.txt: $label è detto due volte"
      INFO[$label]=$value
    fi
  done
  ((${#cups[@]})) || fail 1 'bag-info.txt non nomina alcun CUP'
  for label in Bag-Software-Agent Bagging-Date External-Identifier Payload-Oxum Pista-Origin Pista-Size \
    Pista-Head-Time Pista-As-Of Pista-Known-At Pista-Kind; do
    [[ ${INFO[$label]-} ]] || fail 1 "bag-info.txt non dice $label"
  done
  name=${cups[0]}
  ((${#cups[@]} == 1)) || name+=_e_altri
  [[ $id == "${name}_${INFO[Pista-Size]}" ]] || fail 1 "la cartella data/$id non è di questi CUP e di questa testata"
}

# ------------------------------------------------------------------------------- 2: la testata

checkpoint='' origin='' size=0 root='' body='' last=0 quorum=none anchored=no
SIGNATURES=()

step_checkpoint() {
  step=2
  cd -- "$rep"
  read_lines log/checkpoint
  checkpoint=$REPLY
  [[ ${LINES[0]} =~ ^$ORIGIN_FORM$ && ${LINES[1]-} =~ ^$NUM$ && ! ${LINES[3]-} && ${LINES[4]-} ]] || fail 2 'log/checkpoint non è una testata'
  origin=${LINES[0]} size=${LINES[1]} body=${LINES[0]}$'\n'${LINES[1]}$'\n'${LINES[2]}$'\n'
  SIGNATURES=("${LINES[@]:4}")
  unbase64 "${LINES[2]}"
  root=$REPLY
  ((size > 0)) || fail 2 'l'\''albero è vuoto'
  last=$((size - 1))
  [[ ${INFO[Pista-Origin]} == "$origin" ]] || fail 2 "Pista-Origin non è il registro della testata, $origin"
  [[ ${INFO[Pista-Size]} == "$size" ]] || fail 2 "Pista-Size non è la dimensione della testata, $size"
  ((${INFO[Pista-Known-At]} <= size)) || fail 2 'Pista-Known-At è oltre la testata'
  judge_log_signed
  if [[ $trust ]]; then
    judge_trust
    pass 2 "testata di $origin, $size foglie, firmata dal registro"
  else
    pass 2 "testata di $origin, $size foglie (firma NON controllata: manca --trust)"
  fi
}

# judge_log_signed: log/checkpoint.log è la testata con le sole firme delle chiavi di log/policy.txt.
judge_log_signed() {
  local line dash name text known=$'\n' expected=$body$'\n' kept=0
  read_lines log/policy.txt
  for line in "${LINES[@]}"; do
    [[ $line =~ ^[[:blank:]]*log[[:blank:]]+($ORIGIN_FORM)\+([0-9a-f]{8})\+ ]] || continue
    known+="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"$'\n'
  done
  for line in "${SIGNATURES[@]}"; do
    [[ $line =~ ^—\ $ORIGIN_FORM\ [A-Za-z0-9+/]{8,}={0,2}$ ]] || fail 2 'log/checkpoint: riga di firma non valida'
    read -r dash name text <<<"$line"
    decode64 "${text:0:6}"
    [[ $known == *$'\n'"$name $REPLY"$'\n'* ]] || continue
    expected+="$dash $name $text"$'\n'
    ((kept += 1))
  done
  ((kept)) || fail 2 'nessuna firma della testata è delle chiavi di log/policy.txt'
  read_text log/checkpoint.log
  [[ $REPLY == "$expected" ]] || fail 2 'log/checkpoint.log non è log/checkpoint con la sola firma del registro'
}

# Firme e testimoni, con le chiavi del file di fiducia.
declare -A WITNESS=() MEMBERS=() THRESHOLD=() REACHED=()
keys=() groups=() key_name='' key_id='' HEX=''

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
  for line in "${SIGNATURES[@]}"; do
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
read_trust() {
  local word one two rest
  [[ $trust != "${PWD%/"$rep"}"/* && ! $trust -ef log/policy.txt ]] || fail 2 "$trust è nel pacchetto: non può dare fiducia"
  while read -r word one two rest || [[ $word ]]; do
    case $word in
      log) [[ ${one%%+*} != "$origin" ]] || keys+=("$one") ;;
      witness | group | quorum)
        [[ $one =~ $NAME_FORM ]] || fail 2 "il file di fiducia ha un nome non ammesso: $one"
        case $word in
          witness) WITNESS[$one]=$two ;;
          group) groups+=("$one"); THRESHOLD[$one]=$two; MEMBERS[$one]=$rest ;;
          quorum) quorum=$one ;;
        esac ;;
    esac
  done <"$trust"
  ((${#keys[@]})) || fail 2 "il file di fiducia non nomina il registro $origin"
}

judge_trust() {
  local key name
  cd -P .
  read_trust
  for key in "${keys[@]}"; do
    note_key "$key" 01
    if note_signature; then
      ((${#HEX} == 128)) || fail 2 "la firma di $key_name non ha 64 byte"
      printf '%s' "$body" >"$work/note"
      note_verify "$HEX"
      anchored=yes
    fi
  done
  [[ $anchored == yes ]] || fail 2 "la testata non è firmata dal registro $origin"
  for name in "${!WITNESS[@]}"; do
    note_key "${WITNESS[$name]}" 04
    if note_signature; then
      ((${#HEX} == 144)) || fail 2 "la firma di $key_name non ha 72 byte"
      printf 'cosignature/v1\ntime %s\n%s' "$((16#${HEX:0:16}))" "$body" >"$work/note"
      note_verify "${HEX:16}"
      REACHED[$name]=1
    fi
  done
  count_quorum
}

count_quorum() {
  local name member count threshold
  local -a members
  for name in "${groups[@]}"; do
    count=0 threshold=${THRESHOLD[$name]}
    read -ra members <<<"${MEMBERS[$name]}"
    for member in "${members[@]}"; do [[ ! ${REACHED[$member]-} ]] || ((count += 1)); done
    [[ $threshold != any ]] || threshold=1
    [[ $threshold != all ]] || threshold=${#members[@]}
    [[ $threshold =~ ^[1-9][0-9]{0,8}$ ]] || fail 2 "il gruppo $name del file di fiducia non è leggibile"
    ((count < threshold)) || REACHED[$name]=1
  done
  if [[ $quorum != none && ! ${REACHED[$quorum]-} ]]; then quorum=missing; fi
}

# --------------------------------------------------------------------- 3: foglie, righe, prove

declare -A DIGEST=() LEAF64=() RECEIVED=() PLACES=() COVERED=() SEQ_INDEX=() SEQ_DIGEST=() LEAVES=()
events=() streams=0 rows_root=''

step_leaves() {
  local path index before='' pairs=()
  local -a indexes=()
  step=3
  for path in leaves/*; do
    index=${path#leaves/} index=${index%.leaf}
    numbers "$path" "$index"
    ((index < size)) || fail 3 "$path: l'albero ha $size foglie"
    indexes+=("$index") LEAVES[$index]=1
  done
  ((${#indexes[@]})) || fail 3 'non c'\''è alcuna foglia'
  mapfile -t indexes < <(printf '%s\n' "${indexes[@]}" | sort -n)
  for index in "${indexes[@]}"; do
    read_leaf "$index"
    [[ ! ${RECEIVED[$index]-} ]] || {
      [[ ! ${RECEIVED[$index]} < $before ]] || fail 3 "la registrazione $index è ricevuta prima della precedente"
      before=${RECEIVED[$index]}
    }
    pairs+=("$index=leaves/$index.leaf")
  done
  [[ ! $only || ${DIGEST[$only]-} ]] || fail 3 "la registrazione $only non è in questo pacchetto"
  [[ ${COVERED[$last]-} ]] || fail 3 "manca la foglia di chiusura $last"
  for path in proofs/*; do
    index=${path#proofs/} index=${index%.tlog-proof}
    [[ ${LEAVES[$index]-} ]] || fail 3 "$path non ha una foglia"
  done
  hash_prefixed "${pairs[@]}"
  for index in "${indexes[@]}"; do prove_leaf "$index"; done
  climb_all
  judge_head_time "$before"
  pass 3 "${#pairs[@]} foglie incluse nell'albero, tempi di ricezione in ordine"
}

# read_leaf INDEX: una foglia di chiusura va in COVERED, una registrazione nelle altre tabelle.
read_leaf() {
  local index=$1 place
  read_lines "leaves/$index.leaf"
  [[ ${LINES[0]} == pista/leaf/v1 ]] || fail 3 "leaves/$index.leaf non è una foglia"
  if [[ ${LINES[1]-} == heads ]]; then
    [[ ${#LINES[@]} -eq 6 && ${LINES[2]} == "$index" ]] || fail 3 "la foglia di chiusura $index non copre le precedenti"
    unbase64 "${LINES[3]}"
    numbers "la foglia di chiusura $index" "${LINES[4]}"
    unbase64 "${LINES[5]}"
    COVERED[$index]="${LINES[3]} ${LINES[4]} ${LINES[5]}"
    return 0
  fi
  [[ ${LINES[1]-} == event && ${#LINES[@]} -ge 5 ]] || fail 3 "leaves/$index.leaf non è una foglia"
  [[ ${LINES[2]} =~ ^$TIME_FORM$ ]] || fail 3 "leaves/$index.leaf: ora di ricezione non valida"
  unbase64 "${LINES[3]}"
  events+=("$index")
  DIGEST[$index]=$REPLY LEAF64[$index]=${LINES[3]} RECEIVED[$index]=${LINES[2]} PLACES[$index]="${LINES[*]:4}"
  for place in "${LINES[@]:4}"; do
    [[ $place =~ ^[A-Za-z0-9._/-]+\ $NUM$ ]] || fail 3 "leaves/$index.leaf: flusso non valido"
    [[ ! ${SEQ_INDEX[$place]-} ]] || fail 3 "due registrazioni al posto $place"
    SEQ_INDEX[$place]=$index SEQ_DIGEST[$place]=${LINES[3]}
  done
}

# prove_leaf INDEX: mette in fila il percorso della foglia; quello dell'ultima prova ciò che copre.
prove_leaf() {
  local index=$1 proof line covered
  local -a lines path=() lefts
  read_text "proofs/$index.tlog-proof"
  proof=$REPLY
  [[ ${proof#*$'\n\n'} == "$checkpoint" ]] || fail 3 "proofs/$index.tlog-proof è di un'altra testata"
  mapfile -t lines <<<"${proof%%$'\n\n'*}"
  [[ ${lines[0]} == c2sp.org/tlog-proof@v1 && ${lines[1]-} == "index $index" ]] || fail 3 "proofs/$index.tlog-proof non è la prova della foglia $index"
  for line in "${lines[@]:2}"; do unbase64 "$line"; path+=("$REPLY"); done
  inclusion 3 "la foglia $index non è nell'albero" "${HASHES[$index]}" "$index" "$size" "$root" "${path[@]}"
  ((index == last)) || return 0
  # Il cammino dell'ultima foglia è fatto dei soli sottoalberi alla sua sinistra: uniti tra loro
  # danno la radice di tutto ciò che la foglia di chiusura dice di coprire.
  read -r covered streams rows_root <<<"${COVERED[$last]}"
  numbers 'la foglia di chiusura' "$streams"
  unbase64 "$rows_root"
  rows_root=$REPLY
  unbase64 "$covered"
  if ((last == 0)); then
    [[ $REPLY == "$EMPTY_ROOT" ]] || fail 3 'la foglia di chiusura copre altre foglie'
    return 0
  fi
  lefts=("${path[@]:1}")
  climb 3 'la foglia di chiusura copre altre foglie' "${path[0]}" "$REPLY" "${lefts[@]/#/L:}"
}

# judge_head_time LATEST: l'ora della testata è quella della foglia prima della chiusura.
judge_head_time() {
  local closing=$((size - 2)) told_at=${INFO[Pista-Head-Time]}
  [[ ${LEAVES[$closing]-} ]] || fail 3 "manca la foglia $closing, che dà l'ora della testata"
  [[ ${RECEIVED[$closing]-$told_at} == "$told_at" && ! $told_at < $1 ]] || fail 3 'Pista-Head-Time non è l'\''ora della testata'
  [[ ${INFO[Bagging-Date]} == "${told_at:0:10}" ]] || fail 3 'Bagging-Date non è il giorno della testata'
}

# ------------------------------------------------------------------ 4: numeri di ogni flusso

declare -A COUNT=() NEEDED=([sys/log]=1) SOURCED=()

# Il passo 4 finisce dopo il 5, quando si sa quali flussi servono: judge_streams.
step_rows() {
  local cup path row
  local -a pairs=()
  step=4
  for cup in "${cups[@]}"; do NEEDED[cup/$cup]=1; done
  for path in heads/*.row; do
    row=${path#heads/} row=${row%.row}
    numbers "$path" "$row"
    pairs+=("$row=$path")
  done
  ((${#pairs[@]})) || fail 4 'non c'\''è alcuna riga'
  for path in heads/*.proof; do [[ -f ${path%.proof}.row ]] || fail 4 "$path non ha una riga"; done
  hash_prefixed "${pairs[@]}"
  for row in "${pairs[@]%%=*}"; do judge_row "$row"; done
  climb_all
  judge_leaves_needed
}

judge_row() {
  local row=$1 line stream count at digest previous=-1 seq index
  local -a path=()
  read_text "heads/$row.row"
  [[ $REPLY =~ ^pista/row/v1\ ([A-Za-z0-9._/-]+)\ ([1-9][0-9]{0,17})\ $NUM\ ($HASH_FORM)$'\n'$ ]] || fail 4 "heads/$row.row non è una riga"
  stream=${BASH_REMATCH[1]} count=${BASH_REMATCH[2]} at=${BASH_REMATCH[3]} digest=${BASH_REMATCH[4]}
  [[ ! ${COUNT[$stream]-} ]] || fail 4 "due righe del flusso $stream"
  COUNT[$stream]=$count
  read_lines "heads/$row.proof"
  [[ ${LINES[0]} == pista/row-proof/v1 && ${LINES[1]-} == "$row" && ${LINES[2]-} == "$streams" ]] || fail 4 "heads/$row.proof non è la prova della riga $row"
  for line in "${LINES[@]:3}"; do unbase64 "$line"; path+=("$REPLY"); done
  inclusion 4 "la riga $row ($stream) non è nella testata" "${HASHES[$row]}" "$row" "$streams" "$rows_root" "${path[@]}"
  for ((seq = 0; seq < count; seq++)); do
    index=${SEQ_INDEX["$stream $seq"]-}
    [[ $index ]] || fail 4 "$stream: il registro conta $count registrazioni, manca la numero $seq"
    ((index > previous)) || fail 4 "$stream: la registrazione $index è fuori ordine"
    previous=$index
  done
  [[ $previous == "$at" && ${SEQ_DIGEST["$stream $((count - 1))"]} == "$digest" ]] || fail 4 "$stream: l'ultima registrazione non è quella della riga"
  [[ ! ${SEQ_INDEX["$stream $count"]-} ]] || fail 4 "$stream: c'è una registrazione in più"
}

# La foglia prima della chiusura può essere di altri flussi: sta qui per l'ora, senza la sua busta.
# Di sys/sources ci sono le sole fonti citate, senza la riga del flusso: le giudica judge_sources.
judge_leaves_needed() {
  local index place needed kept=()
  for index in "${events[@]}"; do
    needed=
    for place in ${PLACES[$index]}; do [[ ! ${COUNT[$place]-} ]] || needed=1; done
    if [[ $needed ]]; then
      kept+=("$index")
    elif [[ " ${PLACES[$index]} " == *' sys/sources '* && ($index != $((size - 2)) || -f events/$index.jws) ]]; then
      kept+=("$index") SOURCED[$index]=1
    elif ((index != size - 2)); then
      fail 4 "leaves/$index.leaf non serve a questi CUP"
    fi
  done
  events=("${kept[@]}")
}

# judge_sources: le fonti che ci sono sono quelle citate, e ciò che le ha cancellate; in ordine.
judge_sources() {
  local index seq previous=-1 one place
  local -A erasing=()
  for index in "${events[@]}"; do
    [[ " ${PLACES[$index]}" =~ \ sys/sources\ $NUM(\ |$) ]] || continue
    seq=${BASH_REMATCH[1]}
    ((seq > previous)) || fail 5 "sys/sources: la registrazione $index è fuori ordine"
    previous=$seq
  done
  for index in "${!SOURCED[@]}"; do
    [[ ${JUDGED[$index]-} == content-erased/1 ]] || continue
    for one in "${!SOURCED[@]}"; do
      for place in ${OBJECTS[$one]-}; do
        [[ ${ERASED[$index]} != *",\"$place\","* ]] || erasing[${SEEN[${APPROVAL[$index]}]-none}]=$index
      done
    done
  done
  for index in "${!SOURCED[@]}"; do
    place="nulla cita la registrazione $index di sys/sources"
    case ${JUDGED[$index]-} in
      source-observed/1) [[ $CITED == *$'\n'"${OBSERVED[$index]-}"$'\n'* ]] || fail 5 "$place" ;;
      content-erased/1) [[ " ${erasing[*]-} " == *" $index "* ]] || fail 5 "$place" ;;
      erasure-approved/1) [[ ${erasing[$index]-} ]] || fail 5 "$place" ;;
      erasure-*)
        for one in "${!erasing[@]}"; do
          [[ ${REQUEST[$one]-} != "${REQUEST[$index]}" || ${STREAMS[$one]-} != "${STREAMS[$index]}" ]] || continue 2
        done
        fail 5 "$place" ;;
      *) fail 5 "$place" ;;
    esac
  done
  while IFS= read -r one; do
    [[ ! $one || $KNOWN_FILES == *$'\n'"$one"$'\n'* ]] || fail 5 "manca la registrazione della fonte da cui un'assenza è dedotta: $one"
  done <<<"$RESTED"
}

judge_streams() {
  local stream
  for stream in "${!NEEDED[@]}"; do
    [[ ${COUNT[$stream]-} ]] || fail 4 "manca la riga del flusso $stream: il pacchetto non è completo"
  done
  for stream in "${!COUNT[@]}"; do
    [[ ${NEEDED[$stream]-} ]] || fail 4 "il flusso $stream non serve a questi CUP"
  done
  pass 4 "${#COUNT[@]} flussi con tutte le registrazioni che il registro conta"
}

# --------------------------------------------------------------- 5: buste, catena, basi, firme

declare -A KEY_FILE=() KEY_ACTOR=() KEY_ENROLLED=() BASIS=() COMMITS=() SEEN=() ABSENT=() TYPES=() JUDGED=()
declare -A REASON_INDEX=() REASON_COMMIT=()
# Le cancellazioni, le loro richieste e approvazioni: ciò che nominano, di chi sono, in quali flussi.
declare -A ERASED=() ASKED=() APPROVAL=() REQUEST=() SIGNER=() ROLE=() STREAMS=() LAWFUL=()
# I file di ogni fonte; il file di dati aperti che una busta registra. Poi, una riga l'uno, i file citati,
# quelli registrati, e quelli da cui si deduce un'assenza.
declare -A OBJECTS=() OBSERVED=()
CITED=$'\n' KNOWN_FILES=$'\n' RESTED=''
founding='' adopted='' signed='' header='' payload='' signature='' alg='' kid='' x5t='' actor='' type=''

# read_reasons: che cosa manca e perché: "erased N" (per la registrazione N) o "withheld".
read_reasons() {
  local rest thing event text=",\"text\":$STRING_FORM"
  local erased="^\\{(\"commit\":\"($HASH_FORM)\",)?\"event\":$NUM,(\"index\":$NUM,)?\"kind\":\"erased\"$text\\}(,|$)"
  local withheld="^\\{(\"commit\":\"($HASH_FORM)\"|\"index\":$NUM),\"kind\":\"withheld\",\"legal_basis\":$STRING_FORM$text\\}(,|$)"
  read_text reasons.json
  [[ $REPLY == '['*']'$'\n' ]] || fail 5 'reasons.json non è leggibile'
  rest=${REPLY#'['} rest=${rest%']'$'\n'}
  while [[ $rest ]]; do
    if [[ $rest =~ $erased ]]; then
      thing="${BASH_REMATCH[2]} ${BASH_REMATCH[5]}" event="erased ${BASH_REMATCH[3]}"
    elif [[ $rest =~ $withheld ]]; then
      thing="${BASH_REMATCH[2]} ${BASH_REMATCH[3]}" event=withheld
    else
      fail 5 'reasons.json: una voce non è leggibile'
    fi
    [[ $rest != "${BASH_REMATCH[0]}" || $rest != *, ]] || fail 5 'reasons.json non è leggibile'
    rest=${rest#"${BASH_REMATCH[0]}"}
    take_reason "${thing% *}" "${thing#* }" "$event"
  done
}

# take_reason COMMIT INDEX CAUSE: uno solo dei primi due non è vuoto.
take_reason() {
  if [[ $1 && ! $2 ]]; then
    [[ ! ${REASON_COMMIT[$1]-} ]] || fail 5 'reasons.json: un documento ha due motivi'
    REASON_COMMIT[$1]=$3
  elif [[ $2 && ! $1 ]]; then
    [[ ! ${REASON_INDEX[$2]-} ]] || fail 5 "reasons.json: la registrazione $2 ha due motivi"
    REASON_INDEX[$2]=$3
  else
    fail 5 'reasons.json: una voce non nomina un documento o una registrazione'
  fi
}

# judge_absent WHAT CAUSE INDEX NAMED: la causa è di quelle che il pacchetto può avere.
#   erased N: N è una content-erased/1 di qui, con firma valida, dopo la registrazione, la nomina, sta
#   in ogni suo flusso, e poggia su una richiesta e su un'approvazione.
judge_absent() {
  local what=$1 cause=$2 index=$3 named=$4 event=${2#* } place
  if [[ $cause == withheld ]]; then
    [[ ${INFO[Pista-Kind]} == pubblico ]] || fail "$step" "manca $what: solo un pacchetto pubblico può omettere qualcosa"
    incomplete=yes
    return
  fi
  numbers "$what" "$index" "$event"
  [[ ${JUDGED[$event]-} == content-erased/1 ]] || fail "$step" "manca $what: la registrazione $event non è una cancellazione di questo pacchetto"
  ((event > index)) || fail "$step" "manca $what: la registrazione $event è prima"
  [[ ${ERASED[$event]} == *"$named"* ]] || fail "$step" "manca $what: la registrazione $event non lo cancella"
  for place in ${PLACES[$index]}; do
    [[ $place =~ ^$NUM$ || ${STREAMS[$event]} == *" $place "* ]] || fail "$step" "manca $what: la cancellazione $event non è nel flusso $place"
  done
  judge_lawful "$event"
  printf 'CANCELLATO %s: secondo legge, registrazione n. %s, approvata dalla n. %s\n' "$what" "$event" "${LAWFUL[$event]}"
}

# judge_lawful EVENT: una richiesta di un dpo nomina ciò che si cancella, un segretario l'ha approvata,
# un dpo l'ha eseguita; chi approva non è chi ha chiesto né chi esegue; il numero dell'approvazione in LAWFUL.
judge_lawful() {
  local event=$1 approval one found='' thing place why="la cancellazione $1 non è secondo legge"
  local -a things
  [[ ! ${LAWFUL[$event]-} ]] || return 0
  approval=${SEEN[${APPROVAL[$event]}]-}
  [[ $approval && ${JUDGED[$approval]-} == erasure-approved/1 ]] || fail "$step" "$why: manca l'approvazione"
  numbers "$why" "$event" "$approval"
  ((approval < event)) || fail "$step" "$why: l'approvazione viene dopo"
  for one in "${!ASKED[@]}"; do
    [[ ${REQUEST[$one]} == "${REQUEST[$approval]}" && ${STREAMS[$one]} == "${STREAMS[$approval]}" ]] || continue
    numbers "$why" "$one"
    ((one < approval)) || continue
    [[ ${JUDGED[$one]} != erasure-refused/1 ]] || fail "$step" "$why: la richiesta era stata negata"
    [[ $found ]] && ((found < one)) || found=$one
  done
  [[ $found ]] || fail "$step" "$why: manca la richiesta"
  [[ ! ${REQUEST[$event]-} || ${REQUEST[$event]} == "${REQUEST[$approval]}" ]] || fail "$step" "$why: l'approvazione è di un'altra richiesta"
  IFS=, read -ra things <<<"${ERASED[$event]}"
  for thing in "${things[@]}"; do
    [[ ! $thing || ${ASKED[$found]} == *",$thing,"* ]] || fail "$step" "$why: cancella più di quanto la richiesta nomina"
  done
  for place in ${STREAMS[$event]}; do
    [[ ${STREAMS[$approval]} == *" $place "* ]] || fail "$step" "$why: l'approvazione non è nel flusso $place"
  done
  [[ ${ROLE[$found]} == dpo && ${ROLE[$approval]} == segretario && ${ROLE[$event]} == dpo ]] || fail "$step" "$why: un ruolo non può firmarla"
  [[ ${SIGNER[$found]} != "${SIGNER[$approval]}" ]] || fail "$step" "$why: ha approvato chi ha chiesto"
  [[ ${SIGNER[$event]} != "${SIGNER[$approval]}" ]] || fail "$step" "$why: ha cancellato chi ha approvato"
  LAWFUL[$event]=$approval
}

# find_envelopes: quali buste ci sono, se sono quelle delle foglie, e quali mancano con un motivo.
find_envelopes() {
  local index path
  local -a present=()
  local -A wanted=()
  for index in "${events[@]}"; do
    wanted[$index]=1
    if [[ -f events/$index.jws ]]; then
      present+=("events/$index.jws")
    else
      [[ ${REASON_INDEX[$index]-} ]] || { [[ $only && $index != "$only" ]] || fail 5 "manca la busta $index e reasons.json non dice perché"; }
      ABSENT[$index]=1
    fi
  done
  hash_files "${present[@]}"
  for index in "${events[@]}"; do
    [[ ${ABSENT[$index]-} || ${HASHES[$index.jws]-} == "${DIGEST[$index]}" ]] || fail 5 "events/$index.jws non è la busta della foglia $index"
  done
  for path in events/*; do
    index=${path#events/} index=${index%.jws}
    [[ ${wanted[$index]-} ]] || fail 5 "$path non ha una foglia che serva"
  done
  for index in "${!REASON_INDEX[@]}"; do
    [[ $only || ${ABSENT[$index]-} ]] || fail 5 "reasons.json dice che manca la busta $index, ma non manca"
  done
}

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
# Le lunghezze devono tornare: un byte zero o un a capo in fondo bash li perderebbe.
declare -A CONTENT=()
decode() {
  local text
  local -a parts
  read_text "events/$1.jws"
  [[ $REPLY =~ ^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$ ]] || fail 5 "events/$1.jws non è una busta"
  IFS=. read -ra parts <<<"$REPLY"
  signed=${parts[0]}.${parts[1]}
  decode64 "${parts[0]}"
  escape "$REPLY"
  # shellcheck disable=SC2059
  printf -v header "$REPLY"
  ((${#header} == ${#parts[0]} * 3 / 4)) || fail 5 "busta $1: intestazione con byte non ammessi"
  if [[ ! ${CONTENT[$1]-} ]]; then
    text=${parts[1]//-/+} text=${text//_//}
    case $((${#text} % 4)) in 2) text+='==' ;; 3) text+='=' ;; esac
    CONTENT[$1]=$(base64 -d <<<"$text" 2>/dev/null | tr '\0' '\n') || fail 5 "busta $1: contenuto non base64url"
    ((${#CONTENT[$1]} == ${#parts[1]} * 3 / 4)) || fail 5 "busta $1: contenuto con byte non ammessi"
    [[ ${CONTENT[$1]} != *[$'\x01'-$'\x1f']* ]] || fail 5 "busta $1: contenuto con byte non ammessi"
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
  local index=$1 claims rest places= name prev seq before id bytes
  numbers "busta $1" "$1"
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
    name=${BASH_REMATCH[1]} bytes=${BASH_REMATCH[2]}
    [[ ! ${SOURCED[$index]-} ]] || OBJECTS[$index]+="$name "
    before=${BASH_REMATCH[3]}
    rest=${rest#"${BASH_REMATCH[0]}"}
    if [[ $only && $index != "$only" ]]; then
      [[ $before != ']' ]] || break
      continue
    fi
    [[ ${COMMITS[$name]-x $bytes} == *" $bytes" ]] || fail 5 "busta $index: un documento ha due dimensioni"
    COMMITS[$name]=${COMMITS[$name]-$index $bytes}
    [[ $before != ']' ]] || break
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
  openssl x509 -in "$file" -noout -subject -nameopt RFC2253 -fingerprint -sha256 -pubkey >"$work/$kid.out" 2>/dev/null || fail 5 "$file non è leggibile"
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

# read_erasure INDEX: una cancellazione, la sua richiesta o la risposta. Un testo di JSON non contiene
# virgolette che non seguano una barra, così i nomi dei membri si trovano senza leggere ciò che precede.
read_erasure() {
  local data=${payload#*'"data":'} name commits='' envelopes=''
  data=${data%%',"id":"'*}
  STREAMS[$1]=' '
  for name in ${PLACES[$1]}; do [[ $name =~ ^$NUM$ ]] || STREAMS[$1]+="$name "; done
  [[ $payload =~ ,\"role\":\"([a-z]+)\",\"streams\": ]] || fail 5 "busta $1: ruolo non previsto"
  ROLE[$1]=${BASH_REMATCH[1]} SIGNER[$1]=$actor
  [[ ! $data =~ [{,]\"request\":\"([a-z0-9][a-z0-9-]*)\" ]] || REQUEST[$1]=${BASH_REMATCH[1]}
  [[ ! $data =~ [{,]\"commits\":\[([^]]*)\] ]] || commits=${BASH_REMATCH[1]}
  [[ ! $data =~ [{,]\"envelopes\":\[([^]]*)\] ]] || envelopes=${BASH_REMATCH[1]}
  # Una busta è una cosa sola, senza virgole; così resta anche dove le cose si dividono alle virgole.
  envelopes=${envelopes//\",\"index\"/\";\"index\"}
  case $type in
    content-erased/1)
      [[ $data =~ [{,]\"approval\":\"($UUID)\" ]] || fail 5 "busta $1: cancellazione non prevista"
      APPROVAL[$1]=${BASH_REMATCH[1]} ERASED[$1]=",$commits,$envelopes," ;;
    erasure-approved/1) ;;
    *) ASKED[$1]=",$commits,$envelopes," ;;
  esac
  [[ $type == content-erased/1 || ${REQUEST[$1]-} ]] || fail 5 "busta $1: richiesta di cancellazione non prevista"
}

# read_file INDEX: il file di dati aperti che la busta registra o cita: impronta e nome, come testo. Il
# primo "digest" e l'ultimo "source" sono quelli dei dati, e non di una riga osservata che sta tra i due.
read_file() {
  local data=${payload#*'"data":'} file
  data=${data%%',"id":"'*}
  [[ $data =~ [{,]\"digest\":\"($HEX_FORM)\"[,}] ]] || return 0
  file=${BASH_REMATCH[1]}
  [[ $data =~ ^.*[{,]\"source\":($STRING_FORM)[,}] ]] || return 0
  file+=" ${BASH_REMATCH[1]}"
  if [[ $type == source-observed/1 ]]; then
    OBSERVED[$1]=$file KNOWN_FILES+=$file$'\n'
  else
    [[ $CITED == *$'\n'"$file"$'\n'* ]] || CITED+=$file$'\n'
    [[ $type != absence-observed/1 ]] || RESTED+=$file$'\n'
  fi
}

# judge_event INDEX: contenuto, catena, base e firma di una busta; il suo tipo in TYPES e JUDGED.
judge_event() {
  local index=$1 cup place
  decode "$index"
  judge_content "$index"
  judge_signature "$index"
  JUDGED[$index]=$type TYPES[$type]=1
  read_file "$index"
  case $type in
    content-erased/1 | erasure-approved/1 | erasure-refused/1 | erasure-requested/[12]) read_erasure "$index" ;;
    policy-adopted/1) adopted=yes ;;
  esac
  NEEDED[actor/$actor]=1
  for cup in "${cups[@]}"; do
    if [[ " ${PLACES[$index]} " == *" cup/$cup "* ]]; then
      for place in ${PLACES[$index]}; do [[ $place != act/* ]] || NEEDED[$place]=1; done
    fi
  done
}

# read_enrolments: le iscrizioni di chiavi, nei flussi actor/, e la fondazione.
read_enrolments() {
  local index hex
  for index in "${events[@]}"; do
    [[ " ${PLACES[$index]}" == *' actor/'* && -f events/$index.jws ]] || continue
    decode "$index"
    enrolled "$index" "$payload"
    if ((index == 0)); then founding=$payload; fi
  done
  [[ $founding == *',"type":"ledger-founded/1","v":1}' ]] || fail 5 'la registrazione 0 non è la fondazione del registro'
  read_text keys/ca.crt
  [[ $founding == *"\"ca\":\"${REPLY//$'\n'/\\n}\""* ]] || fail 5 'keys/ca.crt non è il certificato della fondazione'
  read -r hex _ < <(sha256sum -- log/policy.txt)
  [[ $founding == *",\"policy\":\"$hex\","* ]] || policy_differs=yes
}

step_events() {
  local index path policy_differs=''
  local -a chosen=("${events[@]}")
  step=5
  read_reasons
  find_envelopes
  read_enrolments
  if [[ $only ]]; then
    # Con una registrazione sola si giudica lei; tutte, se qualcosa è cancellato: tra le altre stanno
    # la cancellazione, la sua richiesta e la sua approvazione.
    chosen=()
    if [[ " ${REASON_INDEX[*]} ${REASON_COMMIT[*]} " == *' erased '* ]]; then
      for index in "${events[@]}"; do [[ $index == "$only" ]] || chosen+=("$index"); done
    fi
    chosen+=("$only")
  fi
  for index in "${chosen[@]}"; do [[ ${ABSENT[$index]-} ]] || judge_event "$index"; done
  for index in "${chosen[@]}"; do
    [[ ! ${ABSENT[$index]-} || ( $only && $index != "$only" ) ]] || judge_absent "la busta $index" "${REASON_INDEX[$index]}" "$index" ",{\"digest\":\"${LEAF64[$index]}\";\"index\":$index},"
  done
  if [[ $policy_differs ]]; then
    [[ $adopted || $only ]] || fail 5 'log/policy.txt non è quella della fondazione'
    incomplete=yes
  fi
  if [[ $only ]]; then show_event; return; fi
  for path in keys/*; do
    index=${path#keys/} index=${index%.crt}
    [[ $index == ca || ${KEY_FILE[$index]-} ]] || fail 5 "$path non serve: nessuna busta è firmata con questa chiave"
  done
  judge_sources
  judge_streams
  pass 5 "${#JUDGED[@]} buste: impronte, catene, certificati e firme; ${#ABSENT[@]} assenti"
}

show_event() {
  printf 'foglia        %s\nricevuta      %s\nflussi        %s\n' "$only" "${RECEIVED[$only]}" "${PLACES[$only]}"
  if [[ ${ABSENT[$only]-} ]]; then
    pass 5 "la registrazione $only è nell'albero; la sua busta è assente secondo reasons.json"
    return
  fi
  clean "$payload"
  printf 'tipo          %s\nfirmatario    %s\nchiave        %s (%s)\n' "$type" "$actor" "$kid" "$alg"
  printf 'intestazione  %s\ncontenuto     %s\n' "$header" "$REPLY"
  pass 5 "la registrazione $only è nell'albero e la sua firma è valida"
}

# ----------------------------------------------------------------------------- 6: basi dei firmatari

step_bases() {
  local basis basis_root line file count=0 index
  local -a path
  step=6
  for basis in "${!BASIS[@]}"; do
    numbers 'base' "$basis"
    unbase64 "${BASIS[$basis]}"
    basis_root=$REPLY
    if ((basis == 0)); then
      [[ $basis_root == "$EMPTY_ROOT" ]] || fail 6 'la base vuota non ha la radice dell'\''albero vuoto'
      continue
    fi
    [[ ${COVERED[$((basis - 1))]-} ]] || fail 6 "manca la foglia di chiusura della base $basis"
    path=()
    read_lines "log/consistency/$basis.proof"
    for line in "${LINES[@]}"; do unbase64 "$line"; path+=("$REPLY"); done
    consistency 6 "la base $basis non è un inizio di questo registro" "$basis" "$basis_root" "$size" "$root" "${path[@]}"
    ((count += 1))
  done
  climb_all
  for file in log/consistency/*; do
    basis=${file#log/consistency/} basis=${basis%.proof}
    [[ $basis != 0 && (${BASIS[$basis]-} || -f log/checkpoint.$basis.tsr) ]] || fail 6 "$file non serve"
  done
  for index in "${!COVERED[@]}"; do
    numbers 'foglia' "$index"
    ((index >= size - 2)) || [[ ${BASIS[$((index + 1))]-} ]] || fail 6 "leaves/$index.leaf non serve"
  done
  pass 6 "$count basi dei firmatari sono inizi di questo registro"
}

# -------------------------------------------------------------------------------- 7: documenti

declare -A FOLDERS=()

step_documents() {
  local commit index bytes folder hex path count=0 gone=0
  step=7
  for commit in "${!COMMITS[@]}"; do
    read -r index bytes <<<"${COMMITS[$commit]}"
    numbers 'documento' "$index" "$bytes"
    folder=${commit//+/-} folder=${folder//\//_} folder=documents/${folder%=}
    FOLDERS[$folder]=1
    if [[ ! -e $folder ]]; then
      [[ ${REASON_COMMIT[$commit]-} ]] || fail 7 "manca il documento $folder della registrazione $index, senza motivo"
      judge_absent "$folder" "${REASON_COMMIT[$commit]}" "$index" ",\"$commit\","
      ((gone += 1))
      continue
    fi
    [[ ! ${REASON_COMMIT[$commit]-} ]] || fail 7 "reasons.json dice che manca $folder, ma non manca"
    [[ -f $folder/salt && -f $folder/content ]] || fail 7 "$folder non ha salt e content"
    (($(wc -c <"$folder/salt") == 32)) || fail 7 "$folder/salt non ha 32 byte"
    (($(wc -c <"$folder/content") == bytes)) || fail 7 "$folder/content non ha $bytes byte (registrazione $index)"
    unbase64 "$commit"
    read -r hex _ < <(cat -- "$folder/salt" "$folder/content" | sha256sum)
    [[ $hex == "$REPLY" ]] || fail 7 "$folder non è il documento firmato nella registrazione $index"
    ((count += 1))
  done
  if [[ ! $only ]]; then
    for path in documents/*; do [[ ${FOLDERS[$path]-} ]] || fail 7 "$path non è nominato da alcuna registrazione"; done
    for commit in "${!REASON_COMMIT[@]}"; do
      [[ ${COMMITS[$commit]-} ]] || fail 7 "reasons.json nomina il documento $commit, che nessuna registrazione nomina"
    done
    judge_derived
  fi
  pass 7 "$count documenti uguali a quelli firmati; $gone assenti"
}

# judge_derived: stato e storia ci sono, dei soli CUP chiesti; gli schemi, dei soli tipi che ci sono.
judge_derived() {
  local cup path name folder
  local -a stamped=(log/checkpoint.*.tsr)
  local -A expected=() schemas=()
  for cup in "${cups[@]}"; do
    folder=state
    ((${#cups[@]} == 1)) || folder=state/$cup
    for name in intervention.json intervention.xml history.json history.xml; do
      [[ -f $folder/$name ]] || fail 7 "manca $folder/$name"
      expected[$folder/$name]=1
    done
  done
  if ((${#stamped[@]})); then
    [[ -f state/times.json ]] || fail 7 'manca state/times.json'
    expected[state/times.json]=1
  fi
  for path in state/**; do
    [[ -d $path || ${expected[$path]-} ]] || fail 7 "$path non è di un CUP chiesto"
  done
  for name in "${!TYPES[@]}"; do schemas[${name%/*}-${name#*/}]=1; done
  for path in ../../../schemas/events/*; do
    name=${path##*/} name=${name%.json}
    [[ ${schemas[$name]-} ]] || fail 7 "schemas/events/$name.json non è di un tipo che ci sia"
  done
}

# ---------------------------------------------------------------------------- 8: marche temporali

stamps=0 unknown_stamps=0 last_stamp=''

step_stamps() {
  local token index
  step=8
  [[ ! $tsa || $tsa != "${PWD%/"$rep"}"/* ]] || fail 8 "$tsa è nel pacchetto: non può dare fiducia"
  for token in log/checkpoint.*.log; do
    [[ -f ${token%.log}.tsr ]] || fail 8 "$token non ha la sua marca"
  done
  for token in log/checkpoint.*.tsr; do
    index=${token#log/checkpoint.} index=${index%.tsr}
    if [[ $index == log ]]; then
      judge_token "$token" log/checkpoint.log
    else
      judge_stamped_note "$index"
      judge_token "$token" "log/checkpoint.$index.log"
    fi
    ((stamps += 1))
  done
  climb_all
  if ((!stamps)); then
    pass 8 'senza marca temporale: quando le registrazioni furono fatte lo dice solo il registro'
  elif [[ ! $tsa ]]; then
    pass 8 "$stamps marche temporali: autorità NON controllata, manca --tsa-ca"
  else
    pass 8 "$stamps marche temporali, $((stamps - unknown_stamps)) di un'autorità riconosciuta, ultima $last_stamp"
  fi
}

# judge_stamped_note N: la nota marcata è di questo registro, a N foglie, e ne è un inizio.
judge_stamped_note() {
  local index=$1 note=log/checkpoint.$1.log line note_root key found=no
  local -a path=()
  numbers "$note" "$index"
  read_lines "$note"
  [[ ${LINES[0]} == "$origin" && ${LINES[1]-} == "$index" && ! ${LINES[3]-} && ${LINES[4]-} ]] || fail 8 "$note non è una testata di $origin a $index foglie"
  SIGNATURES=("${LINES[@]:4}")
  for line in "${SIGNATURES[@]}"; do
    [[ $line =~ ^—\ $ORIGIN_FORM\ [A-Za-z0-9+/]{8,}={0,2}$ ]] || fail 8 "$note: riga di firma non valida"
  done
  unbase64 "${LINES[2]}"
  note_root=$REPLY
  printf '%s\n%s\n%s\n' "${LINES[@]:0:3}" >"$work/note"
  if ((index == size)); then
    [[ $note_root == "$root" ]] || fail 8 "$note ha un'altra radice della testata"
  else
    read_lines "log/consistency/$index.proof"
    for line in "${LINES[@]}"; do unbase64 "$line"; path+=("$REPLY"); done
    consistency 8 "$note non è un inizio di questo registro" "$index" "$note_root" "$size" "$root" "${path[@]}"
  fi
  for key in "${keys[@]}"; do
    note_key "$key" 01
    if note_signature; then note_verify "$HEX"; found=yes; fi
  done
  [[ ! $trust || $found == yes ]] || fail 8 "$note non è firmata dal registro $origin"
}

# judge_token TOKEN NOTE: la marca è su questa nota, firmata; con --tsa-ca, da un'autorità riconosciuta.
TSA_VERIFY=(cms -verify -inform DER -binary)
judge_token() {
  local token=$1 note=$2 line name='' imprint='' made='' epoch digest
  [[ $(od -An -v -tx1 -N 9 "$token") =~ ^\ 30\ 82\ ..\ ..\ 30\ 03\ 02\ 01\ 00$ ]] || fail 8 "$token non è una marca temporale concessa"
  tail -c +10 -- "$token" >"$work/token"
  openssl "${TSA_VERIFY[@]}" -noverify -in "$work/token" -out "$work/info" 2>/dev/null || fail 8 "$token: la firma della marca è falsa"
  while IFS= read -r line; do
    case $line in
      *'OBJECT '*) [[ $imprint ]] || name=${line##*:} ;;
      *'OCTET STRING '*) [[ $imprint ]] || imprint=${line##*:} ;;
      *GENERALIZEDTIME*) made=${line##*:} ;;
    esac
  done < <(openssl asn1parse -inform DER -in "$work/info" 2>/dev/null)
  [[ $name =~ ^sha(256|384|512)$ && $made =~ ^([0-9]{8})([0-9]{2})([0-9]{2})([0-9]{2})(\.[0-9]+)?Z$ ]] || fail 8 "$token: contenuto non previsto"
  made="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}:${BASH_REMATCH[3]}:${BASH_REMATCH[4]}"
  digest=$(openssl dgst -"$name" -r -- "$note")
  digest=${digest%% *}
  [[ ${imprint,,} == "$digest" ]] || fail 8 "$token non è la marca di $note"
  [[ $tsa ]] || return 0
  epoch=$(date -u -d "$made" +%s) || fail 8 "$token: ora illeggibile"
  if openssl "${TSA_VERIFY[@]}" -cades -purpose timestampsign -partial_chain -CAfile "$tsa" \
    -attime "$epoch" -in "$work/token" -out "$work/info" 2>"$work/out"; then
    last_stamp="$made UTC"
    return 0
  fi
  line=$(<"$work/out")
  [[ $line == *'unable to get '* || $line == *'self-signed certificate'* ]] || fail 8 "$token: il certificato della marca non vale (scaduto allora, o non per marche temporali)"
  ((unknown_stamps += 1))
}

# ------------------------------------------------------------------------------------- esito

verdict() {
  local expected='1 2 3 4 5 6 7 8'
  [[ ! $only ]] || expected='1 2 3 5 7'
  [[ "${completed[*]}" == "$expected" ]] || fail "$step" "passi finiti: ${completed[*]}, e non $expected"
  cat <<'TEXT'
Non controllato qui: se ogni chiave era in vigore a quel punto (k amministratori su n, revoche,
ruoli), anche di chi ha chiesto, approvato ed eseguito una cancellazione; se stato e storia (state/)
derivano dalle registrazioni, al giorno di Pista-As-Of e con le foglie di Pista-Known-At; gli schemi
(schemas/), VERIFICA.txt e le annotazioni Pista-Remark, revoche e precisione delle marche temporali
("pista verify" lo fa); le firme dentro i documenti e il sigillo (non ancora nel formato), le foglie che
non sono in questo pacchetto.
TEXT
  told=yes
  if [[ $incomplete ]]; then
    printf 'ESITO    coerente%s, ma con omissioni o nuovi criteri di fiducia che qui non si\n' "$([[ $anchored == no ]] || printf ' e firmato dal registro')"
    printf '         giudicano: controllarli con "pista verify"\n'
    exit 3
  elif [[ $quorum == missing ]]; then
    printf 'ESITO    coerente, firmato dal registro, ma manca il quorum dei testimoni\n'
    exit 3
  elif ((unknown_stamps || (stamps && !${#tsa}))); then
    printf 'ESITO    coerente%s, con marche temporali di autorità non riconosciute\n' "$([[ $anchored == no ]] || printf ' e firmato dal registro')"
    exit 3
  elif [[ $tsa && ! $only ]] && ((!stamps)); then
    printf 'ESITO    coerente%s, ma senza marche temporali\n' "$([[ $anchored == no ]] || printf ' e firmato dal registro')"
    exit 3
  elif [[ $anchored == yes ]]; then
    printf 'ESITO    coerente e firmato dal registro del file di fiducia\n'
  else
    printf 'ESITO    coerente, NON ancorato: senza --trust FILE non si sa se è il registro vero\n'
    [[ $strict == no ]] || exit 3
  fi
  exit 0
}

main() {
  read_arguments "$@"
  step_files
  step_checkpoint
  step_leaves
  if [[ ! $only ]]; then step_rows; fi
  step_events
  if [[ ! $only ]]; then step_bases; fi
  step_documents
  if [[ ! $only ]]; then step_stamps; fi
  verdict
}

main "$@"
