using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>What a call comes to: facts, what is to be set aside, and how much of it is deliberately nothing.</summary>
internal sealed class Normalised
{
    private readonly Dictionary<string, int> _nothing = new(StringComparer.Ordinal);

    /// <summary>Facts, and what is to be set aside, in the order of the call.</summary>
    public List<DraftedFact> Facts { get; } = [];

    /// <summary>How many elements are no fact, by the reason.</summary>
    public IReadOnlyDictionary<string, int> Nothing => _nothing;

    /// <summary>Whether an element names somebody who was erased: nothing of the call is kept.</summary>
    public bool NamesErased { get; private set; }

    /// <summary>Counts an element about somebody who was erased.</summary>
    public void LeaveErased()
    {
        NamesErased = true;
        Leave(Tombstones.Erased);
    }

    /// <summary>Counts an element that deliberately is no fact.</summary>
    public void Leave(string reason) => _nothing[reason] = _nothing.GetValueOrDefault(reason) + 1;

    /// <summary>Sets an element aside.</summary>
    public void SetAside(ReadOnlyMemory<byte> element, string path, string code, string problem) => Facts.Add(new DraftedFact(element, new FactDefect(path, code, problem)));
}
