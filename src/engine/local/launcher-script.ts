// The shell program that starts tasks and outlives the server: one launcher, one supervisor per task. It is written to
// data_dir and run by /bin/sh (POSIX sh, util-linux, coreutils). docs/internals/local-engine.md is its specification.
// A launch costs two forks and no external command besides those the task itself is started through.

/** Changes when the script does: a server that finds a launcher of another version replaces it. */
export const launcherVersion = 6

/**
 * Arguments: base folder, version, bytes at which a log is rotated, seconds between two looks at the logs, and the
 * cgroup.procs files of the launcher's own cgroups.
 */
export const launcherScript = `#!/bin/sh
set -f
umask 022
unset IFS
base=$1 version=$2 rotate_bytes=$3 rotate_seconds=$4
shift 4

# Own pid and start time, with builtins alone. The command name of this process is always (sh), without spaces.
identify() {
  read -r pid _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ </proc/self/stat
}

# Whether pid $1 is still the process with start time $2, be it a zombie; its state goes to $state.
is_same() {
  read -r line 2>/dev/null </proc/"$1"/stat || return 1
  line=\${line##*) }
  wanted=$2
  set -- $line
  state=$1
  shift 19
  [ "$1" = "$wanted" ]
}

is_alive() {
  is_same "$1" "$2" && [ "$state" != Z ] && [ "$state" != X ]
}

# Whether the pid of the task belongs to someone else by now: then its group and session are empty, too.
is_reused() {
  [ "$child_start" != 0 ] && [ -e /proc/"$child" ] && ! is_same "$child" "$child_start"
}

# Kills what is left of the task, whatever it did to hide (new sessions, double forks).
kill_all() {
  if [ "$kill_file" ]; then
    echo 1 >"$kill_file"
  elif [ "$freezer" ]; then
    echo FROZEN >"$freezer"
    for file in $members; do
      while read -r member; do kill -KILL "$member"; done <"$file"
    done
    echo THAWED >"$freezer"
  elif ! is_reused; then
    kill -KILL "-$child"
    set +f
    for stat in /proc/[0-9]*/stat; do
      read -r line <"$stat" || continue
      line=\${line##*) }
      set -- $line
      if [ "$4" = "$child" ] && [ "$1" != Z ]; then
        member=\${stat#/proc/}
        kill -KILL "\${member%/stat}"
      fi
    done
    set -f
  fi
} 2>/dev/null

# Whether a process is left in the task's cgroup.
is_populated() {
  for file in $members; do
    read -r left <"$file" && return 0
  done 2>/dev/null
  return 1
}

# Returns once no process of the task is left. A process stuck in the kernel is waited for: the task is not over before.
empty() {
  if [ ! "$members" ]; then kill_all; return; fi
  tries=0
  while is_populated; do
    kill_all
    tries=$((tries + 1))
    if [ $tries -lt 50 ]; then sleep 0.02; else sleep 1; fi
  done 2>/dev/null
}

# Ends a job of this shell that naps in between. Again until it is gone: a signal that reaches a fork before it has set its
# traps is lost. It naps itself: hundreds that spin would keep their own jobs from running.
end_job() {
  while kill "$1" && read -r line </proc/"$1"/stat; do
    line=\${line##*) }
    [ "\${line%% *}" = Z ] && break
    sleep 0.02
  done 2>/dev/null
}

# USR1: the server wrote the grace period in seconds to ./kill.
stop_task() {
  grace=5 is_killed=1
  read -r grace 2>/dev/null <./kill
  is_reused && return
  kill -TERM "-$child" 2>/dev/null || kill -TERM "$child" 2>/dev/null
  [ "$timer" ] && end_job "$timer"
  timer=
  if [ "$grace" = 0 ]; then
    kill_all
    return
  fi
  (
    is_over=
    trap 'is_over=1' TERM
    sleep "$grace" &
    napping=$!
    [ "$is_over" ] || wait $napping
    if [ "$is_over" ]; then kill -KILL $napping; else kill -USR2 "$supervisor_pid"; fi
  ) >/dev/null 2>&1 &
  timer=$!
}

# Empties the cgroup and leaves the exit record: kind $1, value $2. A full disk delays it and loses nothing.
finish() {
  # The task is over: a request to stop it would only start a timer that outlives this shell.
  trap '' USR1
  [ "$timer" ] && kill "$timer" 2>/dev/null
  empty
  until printf '%s\\n' "1 $boot $child $child_start $1 $2" >./exit && mv ./exit "$base/exits/$lid"; do
    # Nobody waits for it any more.
    [ -e ./launch ] || break
    sleep 1
  done 2>/dev/null
  [ "$timer" ] && end_job "$timer"
  exit 0
}

prepare() {
  lid=$1 child= child_start=0 timer= woken= is_killed= sandbox= log= procs= members= kill_file= freezer=
  exec 8>&- 9>&- </dev/null >/dev/null
  cd "$base/launches/$lid" 2>/dev/null || exit 0
  identify
  supervisor_pid=$pid supervisor_start=$start
  trap 'woken=1' HUP
  trap 'woken=1' TERM
  trap 'woken=1; stop_task' USR1
  trap 'woken=1 timer=; kill_all' USR2
}

# The child: in its cgroup first, then the claim, then the task. Whoever creates the claim owns the launch for good.
enter() {
  identify
  echo "$boot $pid $start" >>./intents || exit 1
  for file in $procs; do
    echo 0 >"$file" || { echo "it could not enter its cgroup ($file)" >./refusal; exit 1; }
  done 2>/dev/null
  cd "$sandbox" 2>/dev/null || { echo "it could not enter its sandbox ($sandbox)" >./refusal; exit 1; }
  exec >>"$log/stdout"
  set -C
  echo "1 $boot $pid $start $supervisor_pid $supervisor_start" 2>/dev/null >"$base/launches/$lid/claim" || exit 1
  set +C
  true 2>/dev/null >"$base/started/$lid"
  exec 2>>"$log/stderr"
  exec "$@"
}

supervise() {
  prepare "$1"
  exec 2>/dev/null
  [ -r ./launch ] || exit 0
  . ./launch
  enter "$@" &
  child=$! child_start=0
  while :; do
    woken=
    wait $child 2>./end
    code=$?
    # Without a signal to this shell it is the status; with one, only when the child is gone, and then wait knows it.
    [ "$woken" ] || break
    kill -0 $child && continue
    wait $child 2>./end
    code=$?
    break
  done
  if read -r _ _ claim_pid claim_start _ <./claim && [ "$claim_pid" = $child ]; then
    child_start=$claim_start
  else
    # Another supervisor of this launch won, or the server fenced it, unless there is no claim at all.
    set -C
    echo "1 $boot $child 0 $supervisor_pid $supervisor_start" >./claim || exit 0
    set +C
    why='it ended before it started'
    read -r why <./refusal
    finish refused "$why"
  fi
  # The name of the signal is missing when the shell reaped the child while it handled a kill, and for INT and PIPE.
  text=
  [ $code -gt 128 ] && read -r text <./end
  if [ $code -gt 128 ] && { [ "$text$is_killed" ] || [ ! "$exact" ] || [ $code = 130 ] || [ $code = 141 ]; }; then
    finish signal $((code - 128))
  fi
  finish exit $code
}

# Takes the place of a supervisor that was killed. It is no parent of the task, so the exit status stays unknown.
adopt() {
  prepare "$1"
  exec 2>/dev/null
  . ./launch
  read -r _ _ child child_start _ <./claim || exit 0
  echo "1 $boot $supervisor_pid $supervisor_start" >./adopter
  [ -e ./kill ] && stop_task
  while is_alive "$child" "$child_start"; do
    sleep 1 &
    wait $!
  done
  finish unknown 0
}

# The process of a check: in the task's cgroup first. A supervisor empties that after the task: if the task is still there
# now, this ends with it.
enter_check() {
  identify
  for file in $procs; do echo 0 >"$file" || return; done
  is_alive "$child" "$child_start" && cd "$sandbox" || return
  echo "1 $boot $pid $start $number" >"$base/launches/$lid/$kind.asked" || return
  exec >>"$log/stderr" 2>&1
  exec "$@"
}

# Runs check $2 of launch $1 once. The answer, the exit status, is the name of a file, with $3, the number of the question.
# The server counts the time: it kills what is in the cgroup of the check.
check() {
  lid=$1 kind=$2 number=$3
  exec 8>&- 9>&- </dev/null >/dev/null 2>&1
  cd "$base/launches/$lid" || exit 0
  read -r _ _ child child_start _ <./claim || exit 0
  [ -r "./$kind" ] || exit 0
  . "./$kind"
  { enter_check "$@"; true >"$base/checks/$lid.$kind.$number.none"; exit 1; } &
  wait $!
  true >"$base/checks/$lid.$kind.$number.$?"
  exit 0
}

# Whether a server or a task may still want something of the launcher.
is_needed() {
  # Its folder may have been removed and made anew: then it belongs to another launcher.
  read -r _ _ owner _ 2>/dev/null <"$base/launcher" && [ "$owner" = "$launcher_pid" ] || return 1
  read -r _ _ server_pid server_start _ 2>/dev/null <"$base/server" && is_alive "$server_pid" "$server_start" && return 0
  set +f
  set -- "$base"/launches/*
  set -f
  [ -e "$1" ]
}

# Copy and truncate: writers append, so they go on at the new end. <name>.start counts the bytes dropped before <name>.
rotate() {
  exec 8>&- 9>&- </dev/null >/dev/null 2>&1
  is_over=
  trap 'is_over=1' TERM
  while is_alive "$launcher_pid" "$launcher_start"; do
    sleep "$rotate_seconds" &
    napping=$!
    [ "$is_over" ] || wait $napping
    [ "$is_over" ] && kill -KILL $napping && exit 0
    is_needed || { kill "$launcher_pid"; exit 0; }
    find "$base/logs" -mindepth 2 -maxdepth 2 -type f '(' -name stdout -o -name stderr ')' \\
      -size +"$rotate_bytes"c | while read -r file; do
      cp "$file" "$file.1" && : >"$file" || continue
      before=0
      read -r before <"$file.start"
      size=$(wc -c <"$file.1")
      echo $((before + size)) >"$file.start"
    done
  done
}

cd "$base" || exit 1
exec 8>>./launcher.lock
flock -n 8 || exit 75
[ -p ./requests ] || mkfifo ./requests || exit 1
exec 9<>./requests
read -r boot </proc/sys/kernel/random/boot_id
for file; do echo 0 >"$file"; done 2>/dev/null
identify
launcher_pid=$pid launcher_start=$start

# Shells start background jobs with INT and QUIT ignored, which a task must not inherit.
reset=
env --default-signal=INT,QUIT true 2>/dev/null && reset=--default-signal=INT,QUIT
# Whether wait tells a signal from an exit status above 128: dash names the signal on stderr.
exact=
sh -c 'kill -KILL $$' &
wait $! 2>./exact
sh -c 'exit 137' &
wait $! 2>./inexact
[ -s ./exact ] && [ ! -s ./inexact ] && exact=1

rotate &
rotator=$!
echo "1 $boot $launcher_pid $launcher_start $version" >./launcher.new && mv ./launcher.new ./launcher || exit 1

while :; do
  verb=
  read -r verb lid kind number _ <&9
  case $verb in
  # Forked twice: init reaps supervisors, the launcher remembers none of them.
  launch) (supervise "$lid" &) ;;
  adopt) (adopt "$lid" &) ;;
  check) (check "$lid" "$kind" "$number" &) ;;
  quit) end_job $rotator; exit 0 ;;
  esac
done
`
