using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Healing as it is spelled where people and programs write it.</summary>
internal static class Healings
{
    /// <summary>The word.</summary>
    public static string WordOf(Healing healing) => healing switch
    {
        Healing.Missing => HealingWord.Missing,
        Healing.All => HealingWord.All,
        _ => HealingWord.Report,
    };

    /// <summary>What a word means; null for another word.</summary>
    public static Healing? Of(string word) => word switch
    {
        HealingWord.Report => Healing.Report,
        HealingWord.Missing => Healing.Missing,
        HealingWord.All => Healing.All,
        _ => null,
    };
}
