"""HEVC: how its NAL units are told apart, and what its parameter sets say of a whole picture track."""

from math import ceil

from nightreel.media.inspection.bits import Bits
from nightreel.media.inspection.parameters import Parameters
from nightreel.media.inspection.scanning import Units

UNITS = Units(
    record_bytes=23,
    length_at=21,
    header_bytes=2,
    shift=1,
    mask=63,
    slices=(*range(10), *range(16, 22)),
    idr=(19, 20),
    entries=(16, 17, 18, 21),
    leading=(6, 7),
    skipped=(8, 9),
    messages=(39,),
    sets=(32, 33, 34),
    open_from=48,
)
"""ITU-T H.265, table 7-1; the decoder configuration record as in ISO/IEC 14496-15, 8.3.3.1."""
_VIDEO, _SEQUENCE, _PICTURE = 32, 33, 34
_KINDS = {_VIDEO: "video", _SEQUENCE: "sequence", _PICTURE: "picture"}
_TYPE_MASK = 63
_YUV_444 = 3
_EXPLICIT_SHAPE = 255
_MOST_ORDER_BITS, _MOST_REFERENCE_SETS, _MOST_REFERENCES, _MOST_LONG_TERM = 16, 64, 16, 32
"""What H.265 allows (7.4.3.2.1, 7.4.8)."""


def parameters(record: bytes) -> Parameters | None:
    """What a decoder configuration record says; None if it has no sequence parameter set."""
    sets = sets_in(record)
    if not sets[_SEQUENCE]:
        return None
    return _described(
        Bits.of_unit(sets[_SEQUENCE][0], UNITS.header_bytes),
        units=frozenset(unit for units in sets.values() for unit in units),
        sets={name: len(sets[kind]) for kind, name in _KINDS.items()},
    )


def sets_in(record: bytes) -> dict[int, list[bytes]]:
    """The parameter sets of a decoder configuration record, by type, as far as it goes."""
    found: dict[int, list[bytes]] = {kind: [] for kind in _KINDS}
    at = UNITS.record_bytes
    for _ in range(record[at - 1] if len(record) >= at else 0):
        if at + 3 > len(record):
            break
        kind, count = record[at] & _TYPE_MASK, int.from_bytes(record[at + 1 : at + 3])
        at += 3
        for _ in range(count):
            begins = at + 2
            at = begins + int.from_bytes(record[at:begins])
            if at > len(record) or begins == at:
                return found
            if kind in found:
                found[kind].append(record[begins:at])
    return found


def _described(bits: Bits, *, units: frozenset[bytes], sets: dict[str, int]) -> Parameters:
    """The sequence parameter set (7.3.2.2.1) up to its default display window."""
    bits.number(4)  # sps_video_parameter_set_id
    sub_layers = bits.number(3)
    bits.flag()  # sps_temporal_id_nesting_flag
    high_tier, profile, interlaced, level = _profile_tier_level(bits, sub_layers)
    bits.exp_golomb()  # sps_seq_parameter_set_id
    if bits.exp_golomb() == _YUV_444:
        bits.flag()  # separate_colour_plane_flag
    bits.skip_exp_golombs(2)  # pic_width_in_luma_samples, pic_height_in_luma_samples
    left, _, top, _ = _window(bits)
    bits.skip_exp_golombs(2)  # bit_depth_luma_minus8, bit_depth_chroma_minus8
    order_bits = min(bits.exp_golomb() + 4, _MOST_ORDER_BITS)
    _skip_tools(bits, sub_layers)
    _skip_references(bits, order_bits)
    bits.number(2)  # sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
    codes, fields, shown = _usability(bits) if bits.flag() else ((), False, (0, 0, 0, 0))
    return Parameters(
        units=units,
        sets=sets,
        profile=profile,
        level=level,
        high_tier=high_tier,
        fields_allowed=interlaced or fields,
        begins_inside=bool(left or top),
        shows_part=any(shown),
        colour_codes=codes,
    )


def _profile_tier_level(bits: Bits, sub_layers: int) -> tuple[bool, int, bool, int]:
    """Whether the tier is High, the profile, whether fields are said, ten times the level (7.3.3)."""
    bits.number(2)  # general_profile_space
    high_tier, profile = bits.flag(), bits.number(5)
    bits.number(32)  # general_profile_compatibility_flag
    bits.flag()  # general_progressive_source_flag
    interlaced = bits.flag()
    bits.number(46)
    level = ceil(bits.number(8) / 3)
    present = [(bits.flag(), bits.flag()) for _ in range(sub_layers)]
    bits.number(2 * (8 - sub_layers) if sub_layers else 0)
    for profile_present, level_present in present:
        bits.number(88 * profile_present + 8 * level_present)
    return high_tier, profile, interlaced, level


def _window(bits: Bits) -> tuple[int, int, int, int]:
    """The offsets at the left, right, top and bottom; all 0 where there is no window."""
    if not bits.flag():
        return 0, 0, 0, 0
    return bits.exp_golomb(), bits.exp_golomb(), bits.exp_golomb(), bits.exp_golomb()


def _skip_tools(bits: Bits, sub_layers: int) -> None:
    all_layers = bits.flag()  # sps_sub_layer_ordering_info_present_flag
    bits.skip_exp_golombs(3 * (sub_layers + 1 if all_layers else 1))
    bits.skip_exp_golombs(6)  # sizes of coding blocks and transform blocks
    if bits.flag() and bits.flag():  # scaling_list_enabled_flag, sps_scaling_list_data_present_flag
        _skip_scaling_lists(bits)
    bits.number(2)  # amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if bits.flag():  # pcm_enabled_flag
        bits.number(8)
        bits.skip_exp_golombs(2)
        bits.flag()  # pcm_loop_filter_disabled_flag


def _skip_scaling_lists(bits: Bits) -> None:
    """7.3.4."""
    for size in range(4):
        for _ in range(2 if size == 3 else 6):
            if not bits.flag():  # scaling_list_pred_mode_flag
                bits.exp_golomb()
            else:
                bits.skip_exp_golombs((size > 1) + min(64, 16 << 2 * size))


def _skip_references(bits: Bits, order_bits: int) -> None:
    """The sets of pictures that others refer to (7.3.7), and those for long."""
    count = 0
    for number in range(min(bits.exp_golomb(), _MOST_REFERENCE_SETS)):
        count = _skip_reference_set(bits, number, count)
    if bits.flag():  # long_term_ref_pics_present_flag
        for _ in range(min(bits.exp_golomb(), _MOST_LONG_TERM)):
            bits.number(order_bits + 1)


def _skip_reference_set(bits: Bits, number: int, before: int) -> int:
    """How many pictures the set has; the one before it has `before`."""
    if number and bits.flag():  # inter_ref_pic_set_prediction_flag
        bits.flag()  # delta_rps_sign
        bits.exp_golomb()  # abs_delta_rps_minus1
        # A picture stays if it is used by the current one, or else if the second bit says so.
        return sum(bits.flag() or bits.flag() for _ in range(before + 1))
    negative, positive = (min(bits.exp_golomb(), _MOST_REFERENCES) for _ in range(2))
    for _ in range(negative + positive):
        bits.exp_golomb()
        bits.flag()
    return negative + positive


def _usability(bits: Bits) -> tuple[tuple[int, ...], bool, tuple[int, int, int, int]]:
    """The codes of the colours, whether pictures are fields, and the default display window (E.2.1)."""
    if bits.flag() and bits.number(8) == _EXPLICIT_SHAPE:  # aspect_ratio_info_present_flag
        bits.number(32)
    if bits.flag():  # overscan_info_present_flag
        bits.flag()
    codes: tuple[int, ...] = ()
    if bits.flag():  # video_signal_type_present_flag
        bits.number(4)  # video_format, video_full_range_flag
        if bits.flag():  # colour_description_present_flag
            codes = bits.number(8), bits.number(8), bits.number(8)
    if bits.flag():  # chroma_loc_info_present_flag
        bits.skip_exp_golombs(2)
    bits.flag()  # neutral_chroma_indication_flag
    fields = bits.flag()  # field_seq_flag
    bits.flag()  # frame_field_info_present_flag
    return codes, fields, _window(bits)
