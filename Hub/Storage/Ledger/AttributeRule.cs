using System.Text.Json;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Which statements of an attribute count. Pure.</summary>
/// <param name="Owner">The producer that answers for the attribute, as facts and lists name it.</param>
/// <param name="Mutability">How the attribute may change.</param>
/// <param name="IsFlagged">True when statements of others never count, and those that differ are findings.</param>
public sealed record AttributeRule(string Owner, AttributeMutability Mutability, bool IsFlagged = false)
{
    /// <summary>Of what nobody ruled: the latest statement counts.</summary>
    internal static readonly AttributeRule Latest = new("", AttributeMutability.Mutable);

    /// <summary>What stands between the elements of what only grows.</summary>
    public string Separator { get; init; } = ElementText.UsualSeparator;

    /// <summary>What a statement alone comes to; null when it does not count at all.</summary>
    /// <param name="at">When it was so, unix ms.</param>
    /// <param name="value">The value; null clears.</param>
    /// <param name="producer">Who stated it; null for nobody in particular.</param>
    internal AttributeStand? Stated(long at, JsonElement? value, string? producer)
    {
        var isOwner = producer == Owner;
        return (Mutability, value) switch
        {
            _ when IsFlagged && !isOwner => null,
            (AttributeMutability.Mutable, _) => new AttributeStand(at, value),
            (AttributeMutability.AppendOnly, _) => Elements(value) is { } elements ? new AttributeStand(at, elements) : null,
            (AttributeMutability.Immutable, null) => null,
            (AttributeMutability.FillEmpty, null) => isOwner ? AttributeStand.Cleared(at) : null,
            (_, null) => AttributeStand.Cleared(at),
            _ => new AttributeStand(at, value) { IsFilled = Mutability == AttributeMutability.FillEmpty && !isOwner },
        };
    }

    /// <summary>A stand as it was kept, maybe by another rule: until a rule says otherwise the latest statement counts, so what was cleared was cleared at its time, and what stood is read as elements where it only grows.</summary>
    internal AttributeStand Kept(AttributeStand kept) => Mutability switch
    {
        AttributeMutability.Mutable => kept,
        _ when kept is { Value: null, ClearedAt: AttributeStand.Never } => AttributeStand.Cleared(kept.At),
        AttributeMutability.AppendOnly when kept.Value is not null => Elements(kept.Value) is { } elements
            ? kept with { Value = elements, IsFilled = false }
            : AttributeStand.Cleared(kept.ClearedAt),
        _ => kept,
    };

    /// <summary>What two stands come to. Neither the order of the two nor that of more than two matters; <paramref name="other"/> goes first where both are of one time and <paramref name="prefersOther"/> is set.</summary>
    internal AttributeStand Join(AttributeStand one, AttributeStand other, bool prefersOther = false)
    {
        if (Mutability == AttributeMutability.AppendOnly)
        {
            return new AttributeStand(Math.Max(one.At, other.At), Together(one.Value, other.Value)) { ClearedAt = Math.Max(one.ClearedAt, other.ClearedAt) };
        }

        var first = Counts(other, one, prefersOther) ? other : one;
        var clearedAt = Math.Max(one.ClearedAt, other.ClearedAt);
        var isCleared = first.At != AttributeStand.Never && !first.IsFilled && Mutability is AttributeMutability.WriteOnce or AttributeMutability.FillEmpty && clearedAt > first.At;
        return first with { ClearedAt = clearedAt, Value = isCleared ? null : first.Value };
    }

    /// <summary>True when what is stated does not stand though it is not merely older: another value is kept from being changed.</summary>
    internal bool IsRefused(JsonElement? stated, JsonElement? stands, string producer) => Mutability switch
    {
        AttributeMutability.AppendOnly => !Holds(stands, stated),
        _ when IsFlagged && producer != Owner => !AttributeStand.AreSame(stated, stands),
        AttributeMutability.Mutable => false,
        AttributeMutability.FillEmpty => producer != Owner && stated is not null && !AttributeStand.AreSame(stated, stands),
        AttributeMutability.WriteOnce => stated is not null && !AttributeStand.AreSame(stated, stands),
        _ => !AttributeStand.AreSame(stated, stands),
    };

    private JsonElement? Elements(JsonElement? value) => ElementText.Of(ElementText.In(value, Separator), Separator);

    private JsonElement? Together(JsonElement? one, JsonElement? other) => one is null || AttributeStand.AreSame(one, other) ? other
        : other is null ? one
        : ElementText.Of([.. ElementText.In(one, Separator), .. ElementText.In(other, Separator)], Separator);

    /// <summary>True when all that is stated is there; what states nothing would take away what is.</summary>
    private bool Holds(JsonElement? stands, JsonElement? stated) => ElementText.In(stated, Separator) is { Count: > 0 } elements ? elements.IsSubsetOf(ElementText.In(stands, Separator)) : stands is null;

    private bool Counts(AttributeStand candidate, AttributeStand against, bool isPreferred)
    {
        if (candidate.At == AttributeStand.Never || against.At == AttributeStand.Never)
        {
            return against.At == AttributeStand.Never && candidate.At != AttributeStand.Never;
        }

        if (candidate.IsFilled != against.IsFilled)
        {
            return against.IsFilled;
        }

        if (candidate.At == against.At)
        {
            return isPreferred || candidate.SortsAfter(against);
        }

        var isLatest = Mutability == AttributeMutability.Mutable || (Mutability == AttributeMutability.FillEmpty && !candidate.IsFilled);
        return isLatest ? candidate.At > against.At : candidate.At < against.At;
    }
}
