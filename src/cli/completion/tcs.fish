# Completion of tcs for fish:   tcs completions fish >~/.config/fish/completions/tcs.fish
function __tcs_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($before[1] __complete -- $before[2..] "$current" 2>/dev/null)
    # A value after its option, as --config=FILE.
    set -l option (string match -r '^-[^=]*=' -- "$current")
    set -l value (string replace -r '^-[^=]*=' '' -- "$current")
    for line in $lines[2..]
        echo "$option$line"
    end
    switch "$lines[1]"
        case '*files'
            for line in (__fish_complete_path "$value")
                echo "$option$line"
            end
        case folders
            for line in (__fish_complete_directories "$value")
                echo "$option$line"
            end
    end
end
complete -c tcs -f -a '(__tcs_complete)'
