using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Webhooks;

namespace IntegrationHub.Hub.Intake.OptOuts;

/// <summary>
/// Makes facts of what a vendor says of people: denials, and nothing else. Each key is a fact of its own, for what a vendor has together may be long out of date, and
/// must not tell who is who. Pure.
/// </summary>
internal sealed class OptOutFacts(string destination, ConsentSection consent)
{
    private readonly string _source = ConsentSource.OfVendor(destination);

    /// <summary>
    /// Who opts out of marketing e-mail as a whole opts out of its topics too: a vendor that keeps them apart mails them no more, and neither must another one.
    /// </summary>
    private readonly string[] _marketingEmail =
        [.. (consent.MarketingEmail is { } purpose ? new[] { purpose } : []).Concat(consent.Topics.Where(topic => topic.Value.Channel == ConsentChannel.Email).Select(topic => topic.Key)).Distinct(StringComparer.Ordinal)];

    /// <summary>The topics, as the vendor names them.</summary>
    public IReadOnlyList<string> Topics { get; } = [.. consent.Topics.Values.Select(topic => topic.Ref).Distinct(StringComparer.Ordinal)];

    /// <summary>The facts of one opt-out; none when nobody can be told by it, or it is about nothing that the destination's file names.</summary>
    /// <param name="feed">Where it stood.</param>
    /// <param name="optOut">What the vendor says.</param>
    /// <param name="people">Whom the hub sent there, by the vendor's ids.</param>
    /// <param name="now">The hub's time: a vendor's clock may be ahead of it.</param>
    public IEnumerable<byte[]> Of(string feed, VendorOptOut optOut, IReadOnlyDictionary<string, KnownContact> people, DateTimeOffset now) =>
        from key in KeysOf(optOut, people)
        from purpose in PurposesOf(optOut)
        select FactOf(feed, optOut, key, purpose, now);

    private static IEnumerable<KeyValuePair<string, string?>> KeysOf(VendorOptOut optOut, IReadOnlyDictionary<string, KnownContact> people)
    {
        var known = optOut.RemoteId is { } id ? people.GetValueOrDefault(id) : null;
        return new[]
        {
            KeyValuePair.Create("external_id", known?.ExternalId),
            KeyValuePair.Create("email", optOut.Email ?? (known?.ExternalId is null ? known?.Email : null)),
            KeyValuePair.Create("phone", optOut.Phone),
        }.Where(key => !string.IsNullOrWhiteSpace(key.Value));
    }

    private IEnumerable<string> PurposesOf(VendorOptOut optOut) => optOut.Kind switch
    {
        OptOutKind.MarketingEmail => _marketingEmail,
        OptOutKind.Topic => consent.Topics.Where(topic => topic.Value.Ref == optOut.Topic).Select(topic => topic.Key),
        OptOutKind.HardBounce => [Suppression.PurposeOf(Suppression.HardBounce)],
        OptOutKind.InvalidPhone => [Suppression.PurposeOf(Suppression.InvalidPhone)],
        _ => throw new ArgumentOutOfRangeException(nameof(optOut), optOut.Kind, "There is no such kind."),
    };

    private byte[] FactOf(string feed, VendorOptOut optOut, KeyValuePair<string, string?> key, string purpose, DateTimeOffset now)
    {
        var head = new FactHead(Uuid8.Of(_source, feed, optOut.Id, key.Key, purpose), ConsentUpdated.Type, (optOut.At < now ? optOut.At : now).ToString("O", System.Globalization.CultureInfo.InvariantCulture), _source);
        return DraftedFact.Of(head, [key], DraftedFact.NoConsent, writer =>
        {
            writer.WriteString("purpose", purpose);
            writer.WriteString("status", ConsentWord.Denied);
            writer.WriteString("source", _source);
            writer.WriteStartObject("evidence");
            writer.WriteString("method", feed);
            writer.WriteEndObject();
        }).Body.ToArray();
    }
}
