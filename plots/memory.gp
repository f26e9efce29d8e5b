# SPDX-License-Identifier: Apache-2.0
# What a GPU's memory holds: a stacked bar a chip. Data: block 0: position, name, weights, KV, workspace, reserve, capacity (GB).
# ARG5 title, ARG6 subtitle, ARG7 chips.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
chips = int(ARG7)
set yrange [0:*]
set xrange [-0.6:chips - 0.4]
set style fill solid 0.9 noborder
set boxwidth 0.56
set ylabel "GB per GPU" textcolor rgb "#222222"
unset grid
set grid ytics lc rgb "#dddddd" lw 1 dt 3
set key outside right center vertical Left reverse samplen 1.2 font "DejaVu Sans,18" noenhanced
if (!text) set rmargin at screen 0.80
set xtics () noenhanced
plot ARG3 index 0 using 1:($3 + $4 + $5 + $6):xtic(2) with boxes lc rgb "#BBBBBB" title "reserve", \
    "" index 0 using 1:($3 + $4 + $5) with boxes lc rgb "#E69F00" title "workspace", \
    "" index 0 using 1:($3 + $4) with boxes lc rgb "#56B4E9" title "KV cache", \
    "" index 0 using 1:3 with boxes lc rgb "#0072B2" title "weights", \
    "" index 0 using ($1 - 0.36):7:(0.72):(0) with vectors nohead lc rgb "#D55E00" lw 5 title "capacity"
