#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# idna.pl DIR: writes idna_valid.c, idna_classes.c and idna_pairs.c, the tables of RFC 5892 section 3, of the
# rules for contexts and directions, and of normalization form C, by the Unicode version that this perl has.
use strict;
use warnings;
no warnings 'non_unicode', 'nonchar', 'surrogate';
use feature 'fc';
use Unicode::Normalize;
use Unicode::UCD;

my %pvalid = map { $_ => 1 } 0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007;    # section 2.6
my %context = map { $_ => 1 } 0x00B7, 0x0375, 0x05F3, 0x05F4, 0x30FB, 0x0660 .. 0x0669, 0x06F0 .. 0x06F9,
    0x200C, 0x200D;
my %disallowed = map { $_ => 1 } 0x0640, 0x07FA, 0x302E, 0x302F, 0x3031 .. 0x3035, 0x303B;

sub is_pvalid {
    my ($c, $s) = @_;
    return 1 if $pvalid{$c};
    return 0 if $context{$c} || $disallowed{$c} || $s =~ /\p{Cn}/ || ($c >= 0xD800 && $c <= 0xDFFF);
    return 0 if $s =~ /\p{CWKCF}/ || NFKC(fc($s)) ne $s;                        # unstable
    return 0 if $s =~ /\p{Default_Ignorable_Code_Point}|\p{White_Space}|\p{Noncharacter_Code_Point}/;
    return 0 if ($c >= 0x20D0 && $c <= 0x20FF) || ($c >= 0x1D100 && $c <= 0x1D24F);
    return 0 if $s =~ /\p{Hst=L}|\p{Hst=V}|\p{Hst=T}/;
    return $s =~ /\p{Ll}|\p{Lu}|\p{Lo}|\p{Nd}|\p{Lm}|\p{Mn}|\p{Mc}/ ? 1 : 0;
}

sub ranges {
    my ($is) = @_;
    my (@ranges, $first);
    for my $c (0x80 .. 0x323B0, 0xE0100 .. 0xE01F0) {
        if ($is->($c, chr $c)) { $first //= $c }
        elsif (defined $first) { push @ranges, sprintf('{ 0x%x, 0x%x },', $first, $c - 1); undef $first }
    }
    return @ranges;
}

sub table {
    my ($name, $is) = @_;
    my ($text, $line) = ("const struct ab_idna_range ab_idna_$name\[] = {\n", "\t");
    for my $entry (ranges($is)) {
        if (7 + length($line) + length($entry) > 98) { $text .= "$line\n"; $line = "\t" }
        $line .= ($line eq "\t" ? '' : ' ') . $entry;
    }
    return "$text$line\n};\nconst size_t ab_idna_${name}_n = AB_ARRAY_SIZE(ab_idna_$name);\n";
}

sub write_file {
    my ($file, $what, @tables) = @_;
    open my $out, '>', "$ARGV[0]/$file" or die "$file: $!\n";
    print $out "/* SPDX-License-Identifier: Apache-2.0 */\n/* $what Unicode ", Unicode::UCD::UnicodeVersion(),
        ". Made by lib/schema/gen/idna.pl. */\n#include \"lib/base/auto.h\"\n#include \"lib/schema/idna.h\"\n\n",
        "/* clang-format off */\n", join("\n", @tables);
    close $out or die "$file: $!\n";
}

write_file('idna_valid.c', 'Code points beyond ASCII that RFC 5892 section 3 derives as PVALID.',
    table('pvalid', \&is_pvalid));
my @classes = (
    marks => qr/\p{M}/, virama => qr/\p{Ccc=9}/, join_ld => qr/\p{Jt=L}|\p{Jt=D}/, join_rd => qr/\p{Jt=R}|\p{Jt=D}/,
    join_t => qr/\p{Jt=T}/, greek => qr/\p{Script=Greek}/, hebrew => qr/\p{Script=Hebrew}/,
    kana_han => qr/\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Han}/, bidi_r => qr/\p{Bc=R}|\p{Bc=AL}/,
    bidi_an => qr/\p{Bc=AN}/, bidi_en => qr/\p{Bc=EN}/,
    bidi_other => qr/\p{Bc=ES}|\p{Bc=CS}|\p{Bc=ET}|\p{Bc=ON}|\p{Bc=BN}/, bidi_nsm => qr/\p{Bc=NSM}/);
my @tables;
while (my ($name, $pattern) = splice @classes, 0, 2) {
    push @tables, table($name, sub { $_[1] =~ $pattern });
}
write_file('idna_classes.c', 'Classes that the rules for contexts and directions ask for.', @tables);

# Of normalization form C no more than PVALID code points can ask for: those that it would replace
# are not PVALID, nor are the letters that Hangul syllables are composed of.
sub entries {
    my ($type, $name, @entries) = @_;
    my ($text, $line) = ("const struct $type ab_idna_$name\[] = {\n", "\t");
    for my $entry (@entries) {
        if (7 + length($line) + length($entry) > 98) { $text .= "$line\n"; $line = "\t" }
        $line .= ($line eq "\t" ? '' : ' ') . $entry;
    }
    return "$text$line\n};\nconst size_t ab_idna_${name}_n = AB_ARRAY_SIZE(ab_idna_$name);\n";
}

my (@pairs, @orders);
for my $c (0x80 .. 0x1FFFF) {
    next if !is_pvalid($c, chr $c);
    my $class = Unicode::Normalize::getCombinClass($c);
    if ($class && @orders && $orders[-1][1] == $c - 1 && $orders[-1][2] == $class) { $orders[-1][1] = $c }
    elsif ($class) { push @orders, [$c, $c, $class] }
    next if $c >= 0xAC00 && $c <= 0xD7A3;
    my @full = unpack 'W*', NFD(chr $c);
    push @pairs, [$c, ord NFC(pack 'W*', @full[0 .. $#full - 1]), $full[-1]] if @full > 1;
}
write_file('idna_pairs.c', 'What normalization form C asks for: canonical compositions and combining classes.',
    entries('ab_idna_pair', 'pairs', map { sprintf '{ 0x%x, 0x%x, 0x%x },', @$_ } @pairs),
    entries('ab_idna_order', 'orders', map { sprintf '{ 0x%x, 0x%x, %d },', @$_ } @orders));
