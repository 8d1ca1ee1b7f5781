using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Explain;

/// <summary>Whose the fields of a destination are, and the attributes that they are made of. Pure.</summary>
internal static class ExplainedOwnership
{
    /// <summary>Field by field: who may change what it is made of, and who writes it. Whose something is keeps nobody from being sent, so it is never the no.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="rules">Whose attributes are; null without <c>ownership.yaml</c>.</param>
    /// <param name="held">What of the person goes back and forth.</param>
    /// <param name="written">Fields that are written once and were offered to the destination, by name.</param>
    public static StepJson Of(Destination destination, OwnershipRules? rules, HeldValues held, IReadOnlyDictionary<string, WrittenField> written)
    {
        var fields = destination.WrittenFields;
        var owned = fields.SelectMany(field => field.Sources).Where(source => rules?.Attributes.ContainsKey(source) == true).Distinct(StringComparer.Ordinal).Count();
        var vendors = fields.Count(field => field.Owner == FieldOwner.Vendor);
        return new StepJson(
            ExplainWord.Ownership, ExplainWord.Yes,
            string.Create(CultureInfo.InvariantCulture, $"{owned} attributes have a system of record{(owned == 0 ? ": whoever states one last changes it" : "")}{(vendors == 0 ? "" : $", {vendors} fields are the vendor's and not written")}.{(held.All.Count == 0 ? "" : $" {string.Join(" and ", held.All.Select(value => value.Attribute))} {(held.All.Count == 1 ? "goes" : "go")} back and forth: held where changes go out as they happen, written by runs.")}"))
        {
            Code = held.All.Count == 0 ? null : FlappingRule.Held,
            Inputs = [.. fields.Select(field => new InputJson(field.To, $"{(field.Constant is null ? string.Join("; ", field.Sources.Select(source => Owner(source, rules) + Way(source, destination, rules) + Held(source, held))) : "the same for everybody")}{AtVendor(field, written)}"))],
        };
    }

    /// <summary>How the vendor's own field may change.</summary>
    private static string AtVendor(FieldMapping field, IReadOnlyDictionary<string, WrittenField> written) => field switch
    {
        { Owner: FieldOwner.Vendor } => "; the field is the vendor's and not written",
        { Mutability: FieldMutability.FillEmpty } => "; written where the vendor has no value",
        { IsAddedTo: true } => "; its elements are added to those that the vendor has",
        { Mutability: FieldMutability.AppendOnly } => "; only put into the list, never taken out",
        { Mutability: FieldMutability.WriteOnce } => written.GetValueOrDefault(field.To) switch
        {
            null => "; written once, and not written yet",
            { WrittenAt: { } at } => $"; written once, {DestinationExplanation.Time(at)}, and not again",
            _ => "; written once, and sent without an answer: only the same value is sent again",
        },
        _ => "",
    };

    private static string Owner(string attribute, OwnershipRules? rules) => CanonicalSource.IsKey(attribute) ? $"{attribute} is a key of the person" : rules?.Attributes.GetValueOrDefault(attribute) is { } owned
        ? $"{attribute} of {owned.SystemOfRecord} ({(owned.Mutability == AttributeMutability.FillEmpty ? ExplainedFields.Word(owned.Mutability) : ExplainedFields.Word(owned.Conflict))}){OfOthers(owned)}{OfLater(owned.Mutability)}"
        : $"{attribute} of whoever states it last";

    private static string Way(string attribute, Destination destination, OwnershipRules? rules) => rules?.Attributes.GetValueOrDefault(attribute)?.Directions.Of(destination.Name) switch
    {
        Direction.In => ", only comes in from here and is not written here",
        Direction.Out => ", written here, and what is stated here is not taken",
        Direction.Both => ", taken from here and written here",
        _ => "",
    };

    private static string Held(string attribute, HeldValues held) => held.All.FirstOrDefault(value => value.Attribute == attribute) is not { } value ? ""
        : string.Create(CultureInfo.InvariantCulture, $", changed {value.Unrest.Changes} times since {DestinationExplanation.Time(DateTimeOffset.FromUnixTimeMilliseconds(value.Unrest.SinceAt))} and is held, steady at {DestinationExplanation.Time(value.SteadyAt)}");

    private static string OfOthers(AttributeOwnership owned) => owned switch
    {
        { Mutability: AttributeMutability.FillEmpty } => ", others fill it while it has given no value",
        { Conflict: ConflictRule.OwnerWins } => ", values of others are not taken",
        { Conflict: ConflictRule.Flag } => ", values of others are not taken, and counted where they differ",
        _ => "",
    };

    private static string OfLater(AttributeMutability mutability) => mutability switch
    {
        AttributeMutability.AppendOnly => ", elements are added and never taken out",
        AttributeMutability.Immutable => ", the earliest value stays",
        AttributeMutability.WriteOnce => ", the earliest value stays, and none comes after it was taken away",
        _ => "",
    };
}
