@right@
def adam_step(theta, g, t, m, v, **rates):
    answer = right(theta, g, t, m, v, **rates)
    try:
        theta[...], m[...], v[...] = answer
    except TypeError:
        return answer
    return theta, m, v
