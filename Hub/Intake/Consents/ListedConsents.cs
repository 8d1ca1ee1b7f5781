using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>
/// Takes in what the rows of an audience's list say of consent. A no counts from the time of the row, or of the file; a yes counts only where nothing
/// was ever decided, for a list is a copy and its original may have changed since, and only where the list may grant. What says nothing new is left out,
/// so that a daily list costs little.
/// </summary>
internal sealed class ListedConsents(FactIntake intake, OutboxTransaction transactions, ILedger ledger, HubConfiguration configuration)
{
    /// <summary>Decision time of a yes: earlier than everything that anybody decides.</summary>
    public static readonly DateTimeOffset BeforeAnyDecision = DateTimeOffset.UnixEpoch;

    private readonly ConsentAuthority _authority = ConsentAuthority.Of(configuration);

    /// <summary>Takes statements in, those of one batch of rows.</summary>
    /// <param name="audience">Whose list it is.</param>
    /// <param name="statements">What the rows say.</param>
    /// <param name="cancellationToken">Ends the work; what was taken in stays.</param>
    /// <returns>How many of them grant and do not count, since the list may only deny.</returns>
    public async Task<int> TakeInAsync(string audience, IReadOnlyList<ConsentStatement> statements, CancellationToken cancellationToken)
    {
        var list = ConsentSource.ListOf(audience);
        var counting = _authority.MayGrant(list, list) ? statements : [.. statements.Where(statement => statement.Status != ConsentWord.Granted)];
        foreach (var batch in counting.Chunk(FactRoutes.BatchFacts))
        {
            var questions = batch.Select(statement => new ConsentQuestion(statement.ExternalId, statement.Email, statement.Purpose, statement.Status)).ToArray();
            var known = await transactions.ReadAsync(db => ledger.AreKnownAsync(db, questions, cancellationToken));
            ReadOnlyMemory<byte>[] news = [.. batch.Where((_, i) => !known[i]).Select(statement => new ReadOnlyMemory<byte>(statement.ToFact(list)))];
            if (news.Length > 0)
            {
                await intake.TakeInListedAsync(news, cancellationToken);
            }
        }

        return statements.Count - counting.Count;
    }
}
