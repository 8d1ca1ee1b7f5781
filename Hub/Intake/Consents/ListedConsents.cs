using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>
/// Takes in what the rows of an audience's list say of consent. A no counts from the time of the row, or of the file; a yes counts only where nothing
/// was ever decided, for a list is a copy and its original may have changed since. What says nothing new is left out, so that a daily list costs little.
/// </summary>
internal sealed class ListedConsents(FactIntake intake, OutboxTransaction transactions, ILedger ledger)
{
    /// <summary>Decision time of a yes: earlier than everything that anybody decides.</summary>
    public static readonly DateTimeOffset BeforeAnyDecision = DateTimeOffset.UnixEpoch;

    /// <summary>Takes statements in, those of one batch of rows.</summary>
    /// <param name="audience">Whose list it is.</param>
    /// <param name="statements">What the rows say.</param>
    /// <param name="cancellationToken">Ends the work; what was taken in stays.</param>
    public async Task TakeInAsync(string audience, IReadOnlyList<ConsentStatement> statements, CancellationToken cancellationToken)
    {
        foreach (var batch in statements.Chunk(FactRoutes.BatchFacts))
        {
            var questions = batch.Select(statement => new ConsentQuestion(statement.ExternalId, statement.Email, statement.Purpose, statement.Status)).ToArray();
            var known = await transactions.ReadAsync(db => ledger.AreKnownAsync(db, questions, cancellationToken));
            ReadOnlyMemory<byte>[] news = [.. batch.Where((_, i) => !known[i]).Select(statement => new ReadOnlyMemory<byte>(statement.ToFact($"list:{audience}")))];
            if (news.Length > 0)
            {
                await intake.TakeInListedAsync(news, cancellationToken);
            }
        }
    }
}
