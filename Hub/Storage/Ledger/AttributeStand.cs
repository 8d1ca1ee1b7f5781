using System.Text.Json;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Where an attribute of somebody stands: the statement that counts so far, and what has to be remembered to find out whether another one counts instead. Personal data.</summary>
/// <param name="At">When what counts was stated, unix ms; <see cref="Never"/> when nothing was.</param>
/// <param name="Value">The value; null when there is none.</param>
internal readonly record struct AttributeStand(long At, JsonElement? Value)
{
    /// <summary>No time at all.</summary>
    public const long Never = long.MinValue;

    /// <summary>Of what is not simply the latest: when it was last cleared, unix ms.</summary>
    public long ClearedAt { get; init; } = Never;

    /// <summary>True of what others filled in while the owner had given no value.</summary>
    public bool IsFilled { get; init; }

    /// <summary>Nothing but that it was cleared.</summary>
    public static AttributeStand Cleared(long at) => new(Never, null) { ClearedAt = at };

    /// <summary>True when both are written alike, or neither is there.</summary>
    public static bool AreSame(JsonElement? one, JsonElement? other) => one is { } left
        ? other is { } right && left.ValueKind == right.ValueKind && (left.ValueKind == JsonValueKind.String
            ? string.Equals(left.GetString(), right.GetString(), StringComparison.Ordinal)
            : string.Equals(left.GetRawText(), right.GetRawText(), StringComparison.Ordinal))
        : other is null;

    /// <summary>True when the value sorts after the other one; no value sorts first.</summary>
    public bool SortsAfter(AttributeStand other) => Value is { } value && (other.Value is not { } known || JsonValueOrder.Compare(value, known) > 0);

    /// <summary>True when nothing is otherwise.</summary>
    public bool IsLike(AttributeStand other) => At == other.At && ClearedAt == other.ClearedAt && IsFilled == other.IsFilled && AreSame(Value, other.Value);
}
