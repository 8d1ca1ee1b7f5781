using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.OptOuts;
using IntegrationHub.Storage.Webhooks;

namespace IntegrationHub.Hub.Intake.OptOuts;

/// <summary>What the hub told a destination whose vendor notifies of what changes there: a notification of that very moment is the hub's own word. Pure.</summary>
/// <param name="kept">The consent that the destination keeps.</param>
/// <param name="told">What it was told, by <see cref="NamesOf"/>.</param>
internal sealed class ToldBack(ConsentSection kept, ILookup<string, ToldDenial> told)
{
    /// <summary>Names by which the hub may have told of a contact.</summary>
    /// <param name="contact">The vendor's id.</param>
    /// <param name="person">Whom the hub sent under it; null when nobody knows.</param>
    public static IEnumerable<string> NamesOf(string contact, KnownContact? person) =>
        new[] { ToldDenials.NameOfRemoteId(contact), ToldDenials.NameOfEmail(person?.Email) }.OfType<string>();

    /// <summary>True when the hub was telling the destination just that when it happened; false where no time is given.</summary>
    /// <param name="purpose">What was denied, in the hub's words.</param>
    /// <param name="contact">The vendor's id.</param>
    /// <param name="person">Whom the hub sent under it, or null.</param>
    /// <param name="at">When it happened, as RFC 3339, or null.</param>
    public bool Is(string purpose, string contact, KnownContact? person, string? at)
    {
        List<string> topics = [.. kept.MarketingEmail == purpose ? [""] : Array.Empty<string>(), .. kept.Topics.TryGetValue(purpose, out var topic) ? [topic.Ref] : Array.Empty<string>()];
        return DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var happened)
            && NamesOf(contact, person).SelectMany(name => told[name]).Any(denial => topics.Contains(denial.Topic) && OwnWord.IsDuring(denial, happened));
    }
}
