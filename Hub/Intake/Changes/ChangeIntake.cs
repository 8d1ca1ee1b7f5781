using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Changes;

/// <summary>Takes changes in: the facts of one change stay together in one transaction.</summary>
internal sealed class ChangeIntake(FactIntake intake)
{
    /// <summary>What is wrong with the facts of a change, or null: told to who sends it, before anything of it is taken in.</summary>
    public QuarantinedFact? FindDefect(IEnumerable<DraftedFact> change) => change.Select(fact => intake.Judge(fact.Body).Quarantined).FirstOrDefault(defect => defect is not null);

    /// <summary>Takes the facts of each change in.</summary>
    /// <returns>What became of the facts of each change, after the commit.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<FactVerdict>>> TakeInAsync(IReadOnlyList<IReadOnlyList<DraftedFact>> changes, CancellationToken cancellationToken)
    {
        var verdicts = new List<IReadOnlyList<FactVerdict>>(changes.Count);
        foreach (var batch in changes.Chunk(FactRoutes.BatchFacts / 2))
        {
            DraftedFact[] facts = [.. batch.SelectMany(change => change)];
            var judged = await intake.TakeInAsync([.. facts.Select(fact => fact.Body)], cancellationToken, Array.ConvertAll(facts, fact => fact.Defect));
            var next = 0;
            foreach (var change in batch)
            {
                verdicts.Add([.. judged.Skip(next).Take(change.Count)]);
                next += change.Count;
            }
        }

        return verdicts;
    }
}
