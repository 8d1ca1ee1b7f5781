using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.OptOuts;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Notes when a destination was told that somebody may not be sent, so that its feed of opt-outs, or its notifications, do not tell the hub's own word back as a later one of the person
/// (<see cref="Intake.OptOuts.OwnWord"/>). What could not be noted comes back as a denial: nobody is sent for want of a note.
/// </summary>
internal sealed partial class DenialNotes(OutboxTransaction transactions, TimeProvider time, ILogger logger)
{
    /// <summary>Notes what a call, or several, of a batch told.</summary>
    public async Task NoteAsync(Destination destination, PreparedBatch batch, Receipt receipt, ConsentRecheck recheck)
    {
        if (batch.Operation != Operation.SetConsent || !destination.TellsDenialsBack)
        {
            return;
        }

        var remoteIds = receipt.Outcomes.Where(outcome => outcome.RemoteId is not null).ToLookup(outcome => outcome.RecordId, outcome => outcome.RemoteId);
        var denials = batch.Records.SelectMany(record => Of(record, remoteIds[record.Delivery.DeliveryId].FirstOrDefault(), recheck)).ToList();
        if (denials.Count == 0)
        {
            return;
        }

        try
        {
            await transactions.RunAsync((db, _) => ToldDenials.AddAsync(db, destination.Name, denials, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotNoted(destination.Name, denials.Count, exception.GetType().Name);
        }
    }

    private IEnumerable<ToldDenial> Of(PreparedRecord record, string? learned, ConsentRecheck recheck)
    {
        if (record.Item.Consent is not { } consent || recheck.CallOf(record.Delivery.DeliveryId) is not { } call)
        {
            yield break;
        }

        var topics = consent.Topics.Where(topic => !topic.Granted).Select(topic => topic.RemoteRef).Concat(consent.MarketingEmail == false ? [""] : []).Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in new[] { ToldDenials.NameOfEmail(consent.Email), ToldDenials.NameOfRemoteId(record.Item.RemoteId), ToldDenials.NameOfRemoteId(learned) }.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            foreach (var topic in topics)
            {
                yield return new ToldDenial(name, topic, call.BeganAt, call.EndedAt ?? time.GetUtcNow());
            }
        }
    }

    [LoggerMessage(3880, LogLevel.Warning, "{Count} denials that {Destination} was told could not be noted ({Error}): its feed will tell them as its own")]
    private partial void LogNotNoted(string destination, int count, string error);
}
