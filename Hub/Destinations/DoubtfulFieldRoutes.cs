using System.Globalization;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Standings;

namespace IntegrationHub.Hub.Destinations;

/// <summary>Ends the doubt about a field that is written once, over HTTP: somebody has looked at the vendor.</summary>
internal static class DoubtfulFieldRoutes
{
    private const string Written = "written";
    private const string NotWritten = "not-written";

    public static void MapDoubtfulFields(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/destinations/{destination}/settle", SettleAsync).WithName("settleField")
        .Produces<SettledFieldJson>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite)
        .Takes(CommandTerms.Blind("what is not in doubt is refused", CommandTerms.Always));

    private static async Task<IResult> SettleAsync(
        string destination, SettleFieldBody body, HttpContext http, DestinationDirectory destinations, PersonFinder finder, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Reason))
        {
            return Problems.Of(400, "field-missing", "reason", "Say in 'reason' what you saw; it stays in the audit log.");
        }

        if (destinations.Find(destination) is not { } found)
        {
            return DestinationEndpoints.Unknown(destination);
        }

        if (Refuse(body, found) is { } refusal)
        {
            return refusal;
        }

        var person = await transactions.ReadAsync(db => finder.FindAsync(db, body.Key!, cancellationToken));
        if (person.ProfileId is not { } id)
        {
            return Problems.Of(404, "person-unknown", "key", $"Nobody is found by the key: {person.Refusal?.Reason}");
        }

        var isWritten = body.As == Written;
        var isSettled = await transactions.RunAsync(
            async (db, _) =>
            {
                if (!await DoubtfulFields.SettleAsync(db, destination, await PersonBook.ProfilesOfAsync(db, id, cancellationToken), body.Field!, isWritten, time.GetUtcNow(), cancellationToken))
                {
                    return false;
                }

                await AuditLog.AppendAsync(db, http.Entry("destination.settle", $"destination:{destination}", string.Create(CultureInfo.InvariantCulture, $"{body.Field} of profile {id} is {body.As}: {body.Reason!.Trim()}")), cancellationToken);
                return true;
            },
            cancellationToken);
        return isSettled
            ? Results.Json(new SettledFieldJson(destination, body.Field!, body.As!, !isWritten))
            : Problems.Of(409, "field-not-in-doubt", "field", $"{body.Field} is not in doubt of this person at {destination}: explain KEY --destination {destination} says how it stands.");
    }

    private static IResult? Refuse(SettleFieldBody body, Destination destination) =>
        string.IsNullOrWhiteSpace(body.Key) ? Problems.Of(400, "field-missing", "key", "Say in 'key' who is meant: any key of the person.")
        : body.Field is null || !destination.OnceFields.Contains(body.Field) ? Problems.Of(
            400, "field-invalid", "field",
            destination.OnceFields.Count == 0 ? $"The mapping of {destination.Name} writes no field once." : $"Say in 'field' which one is meant: {Spelling.Hint(body.Field ?? "", destination.OnceFields)}Written once: {string.Join(", ", destination.OnceFields.Order(StringComparer.Ordinal))}.")
        : body.As is not (Written or NotWritten) ? Problems.Of(400, "field-invalid", "as", $"Say in 'as' what the vendor shows of the field: {Written} or {NotWritten}.")
        : body.Refuse();
}

/// <summary>What somebody saw at the vendor of a field that is written once. The key is personal data.</summary>
internal sealed record SettleFieldBody : WhyJson
{
    /// <summary>Any key of the person.</summary>
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    /// <summary>The vendor's field.</summary>
    [JsonPropertyName("field")]
    public string? Field { get; init; }

    /// <summary><c>written</c> or <c>not-written</c>.</summary>
    [JsonPropertyName("as")]
    public string? As { get; init; }
}

/// <summary>A field that is in doubt no more.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Field">The vendor's field.</param>
/// <param name="As"><c>written</c>: it stays as it is there. <c>not-written</c>: the next record writes it.</param>
/// <param name="Owed">True when the person is owed there again.</param>
internal sealed record SettledFieldJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("as")] string As,
    [property: JsonPropertyName("owed")] bool Owed);
