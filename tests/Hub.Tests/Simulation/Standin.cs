using System.Reflection;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>An interface of which only a few members are ever called.</summary>
public class Standin : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = null!;

    /// <param name="answer">What a call gives.</param>
    public static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var standin = Create<T, Standin>();
        ((Standin)(object)standin)._answer = answer;
        return standin;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}
