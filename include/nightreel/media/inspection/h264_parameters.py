"""H.264: how its NAL units are told apart, and what its parameter sets say of a whole picture track."""

from nightreel.media.inspection.bits import Bits
from nightreel.media.inspection.parameters import Parameters
from nightreel.media.inspection.scanning import Units

UNITS = Units(
    record_bytes=7,
    length_at=4,
    header_bytes=1,
    shift=0,
    mask=31,
    slices=(1, 5),
    idr=(5,),
    messages=(6,),
    sets=(7, 8),
)
"""ITU-T H.264, table 7-1; the decoder configuration record as in ISO/IEC 14496-15, 5.3.3.1."""
_HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
"""Profiles whose sequence parameter sets also describe the chroma format (7.3.2.1.1)."""
_SCALING_LISTS, _SCALING_LISTS_444 = 8, 12
_YUV_444 = 3


def parameters(record: bytes) -> Parameters | None:
    """What a decoder configuration record says; None if it has no sequence parameter set."""
    sequences, pictures = sets_in(record)
    if not sequences:
        return None
    bits = Bits.of_unit(sequences[0], UNITS.header_bytes)
    profile, _, level = bits.number(8), bits.number(8), bits.number(8)
    bits.exp_golomb()  # seq_parameter_set_id
    if profile in _HIGH_PROFILES:
        _skip_chroma(bits)
    bits.exp_golomb()  # log2_max_frame_num_minus4
    _skip_picture_order(bits)
    bits.exp_golomb()  # max_num_ref_frames
    bits.flag()  # gaps_in_frame_num_value_allowed_flag
    bits.exp_golomb()  # pic_width_in_mbs_minus1
    bits.exp_golomb()  # pic_height_in_map_units_minus1
    if fields_allowed := not bits.flag():  # frame_mbs_only_flag
        bits.flag()  # mb_adaptive_frame_field_flag
    bits.flag()  # direct_8x8_inference_flag
    left = top = 0
    if bits.flag():  # frame_cropping_flag
        left, _, top = bits.exp_golomb(), bits.exp_golomb(), bits.exp_golomb()
    return Parameters(
        units=frozenset((*sequences, *pictures)),
        sets={"sequence": len(sequences)},
        profile=profile,
        level=level,
        fields_allowed=fields_allowed,
        begins_inside=bool(left or top),
    )


def sets_in(record: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """The sequence and the picture parameter sets of a decoder configuration record, as far as it goes."""
    sequences, at = _units(record, 6, record[5] & 31 if len(record) > 5 else 0)
    pictures, _ = _units(record, at + 1, record[at] if len(record) > at else 0)
    return sequences, pictures


def _units(record: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    units = []
    for _ in range(count):
        begins = at + 2
        at = begins + int.from_bytes(record[at:begins])
        units.append(record[begins:at])
    return tuple(units), at


def _skip_chroma(bits: Bits) -> None:
    chroma = bits.exp_golomb()
    if chroma == _YUV_444:
        bits.flag()  # separate_colour_plane_flag
    bits.skip_exp_golombs(2)  # bit_depth_luma_minus8, bit_depth_chroma_minus8
    bits.flag()  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():  # seq_scaling_matrix_present_flag
        for position in range(_SCALING_LISTS_444 if chroma == _YUV_444 else _SCALING_LISTS):
            if bits.flag():
                _skip_scaling_list(bits, 16 if position < 6 else 64)


def _skip_scaling_list(bits: Bits, size: int) -> None:
    """A list ends where its next scale becomes 0 (7.3.2.1.1.1)."""
    scale = 8
    for _ in range(size):
        code = bits.exp_golomb()
        scale = (scale + ((code + 1) // 2 if code % 2 else -(code // 2))) % 256
        if not scale:
            return


def _skip_picture_order(bits: Bits) -> None:
    kind = bits.exp_golomb()
    if kind == 0:
        bits.exp_golomb()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.flag()  # delta_pic_order_always_zero_flag
        bits.skip_exp_golombs(2)  # offset_for_non_ref_pic, offset_for_top_to_bottom_field
        bits.skip_exp_golombs(min(bits.exp_golomb(), 255))
