# Completion of tcs for bash. In ~/.bashrc:   source <(tcs completions bash)
# or for all users:   tcs completions bash >/etc/bash_completion.d/tcs
_tcs() {
  local program=${COMP_WORDS[0]/#\~/$HOME} current=${COMP_WORDS[COMP_CWORD]} kind line i glued=
  local -a words=() lines=()
  # bash takes --config=FILE and HOST:PORT apart: put together again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    line=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && ($line == [=:] || -n $glued) ]]; then
      words[${#words[@]} - 1]+=$line
      if [[ $line == [=:] ]]; then glued=1; else glued=; fi
    else
      words+=("$line")
    fi
  done
  if [[ $current == [=:] ]]; then current=; fi
  while IFS= read -r line; do lines+=("$line"); done < <("$program" __complete -- "${words[@]}" 2>/dev/null)
  kind=${lines[0]-}
  COMPREPLY=()
  for line in "${lines[@]:1}"; do COMPREPLY+=("${line%%$'\t'*}"); done
  if [[ $kind == *files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
  elif [[ $kind == folders ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current")
  fi
}
complete -F _tcs tcs
